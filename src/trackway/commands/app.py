"""The command table. A command's own file is imported only when its name is on the line: reading what all the others
need (the server, the demo, the load test) takes longer than most commands do.
"""

from importlib import import_module

import typer

COMMANDS = {
    "serve": "serve.serve",
    "demo": "demo.demo",
    "import": "import_.import_",
    "export": "export.export",
    "erase": "erase.erase",
    "doctor": "doctor.doctor",
    "bench": "bench.bench",
    "sql": "sql.sql",
    "config": "config.config",
    "version": "version.version",
    "site": "site.sites",
    "rules": "rules.rules",
    "key": "key.keys",
    "customer": "customer.customers",
    "ledger": "ledger.ledger",
    "audit": "audit.audit",
    "user": "user.users",
    "signing-key": "signing_key.signing",
    "plan": "plan.plans",
    "definition": "definition.definitions",
    "quarantine": "quarantine.quarantine",
}
"""Each command's name, the file of this folder that it stands in, and there a function, or a Typer of several."""


def command_line(name: str = "") -> typer.Typer:
    """The command line with the one command that is named. With all of them for any other name, so that help lists
    them and a mistyped one is told.
    """
    line = typer.Typer(
        help="Event tracking that a company runs itself. Every command takes --data DIR (default ./trackway-data).",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    line.callback()(together)
    for known in [name] if name in COMMANDS else COMMANDS:
        file, its_name = COMMANDS[known].split(".")
        command = getattr(import_module(f"trackway.commands.{file}"), its_name)
        if isinstance(command, typer.Typer):
            line.add_typer(command, name=known)
        else:
            line.command(known)(command)
    return line


def together() -> None:
    """Nothing. A Typer with a callback takes the first word for a command's name also where it has one command only."""
