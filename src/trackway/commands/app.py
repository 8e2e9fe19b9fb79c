"""The command table."""

import typer

from trackway import __version__
from trackway.commands.bench import bench
from trackway.commands.config import config
from trackway.commands.demo import demo
from trackway.commands.doctor import doctor
from trackway.commands.erase import erase
from trackway.commands.export import export
from trackway.commands.import_ import import_
from trackway.commands.key import keys
from trackway.commands.plan import plans
from trackway.commands.quarantine import quarantine
from trackway.commands.rules import rules
from trackway.commands.serve import serve
from trackway.commands.signing_key import signing
from trackway.commands.site import sites
from trackway.commands.sql import sql
from trackway.commands.user import users

app = typer.Typer(
    help="Event tracking that a company runs itself. Every command takes --data DIR (default ./trackway-data).",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(serve)
app.command()(demo)
app.add_typer(sites, name="site", help="Sites: add, list, show, set, rotate-key, archive, restore.")
app.add_typer(rules, name="rules", help="Allowlist and denylist of a site: show, set, preview.")
app.add_typer(keys, name="key", help="API keys: add, list, revoke.")
app.add_typer(users, name="user", help="Users: add, invite, list, disable, enable, reset, login-link.")
app.add_typer(signing, name="signing-key", help="Signing keys of customer tokens: add, list, remove.")
app.add_typer(plans, name="plan", help="Tracking plans: pull, push, check.")
app.add_typer(quarantine, name="quarantine", help="Refused events: list, replay.")
app.command("import")(import_)
app.command()(export)
app.command()(erase)
app.command()(doctor)
app.command()(bench)
app.command()(sql)
app.command()(config)


@app.command()
def version() -> None:
    """Print the version."""
    print(__version__)
