"""Every setting of a Trackway process, one row each; nothing else reads the environment.

A value comes from a command line flag, then `TRACKWAY_<NAME>`, then `trackway.toml` in the data folder, then the
default. `trackway config` prints the table below with each value and where it came from.
"""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from trackway.errors import ConfigInvalid

TOML_NAME = "trackway.toml"
ENVIRONMENT_PREFIX = "TRACKWAY_"
SMTP_TLS = ("starttls", "tls", "none")


KIND_WORDS: dict[type, str] = {int: "a whole number", float: "a number", bool: "true or false", str: "text"}


class Setting(NamedTuple):
    """One setting: its name, its default (whose type is the setting's type), and what it does."""

    name: str
    default: str | int | float | bool
    help: str


SETTINGS = (
    Setting("host", "127.0.0.1", "Address to listen on; 0.0.0.0 for every interface."),
    Setting("port", 8000, "Port to listen on."),
    Setting("public_url", "", "Address browsers reach this server at, for the snippet; empty: http://host:port."),
    Setting("collect_path", "/e", "Path of the public collect route; blockers know the usual names."),
    Setting("sdk_path", "/s/", "Folder the browser SDK is served from."),
    Setting("trusted_proxies", "127.0.0.1,::1", "Peers whose X-Forwarded-For and X-Forwarded-Proto are believed."),
    Setting("store_dsn", "", "ClickHouse address (http://…); empty: chDB in this process, in the data folder."),
    Setting("store_readers", 4, "Connections for reading; one slow query takes one of them."),
    Setting("store_heavy", 2, "How many heavy queries may run at once; the other readers stay free."),
    Setting("query_timeout_s", 60, "A query that runs longer is stopped."),
    Setting("query_memory_mb", 2048, "A query that needs more memory is stopped."),
    Setting("sql_timeout_s", 20, "A query of the SQL console that runs longer is stopped."),
    Setting("sql_memory_mb", 512, "A query of the SQL console that needs more memory is stopped."),
    Setting(
        "spool_limit_mb",
        4096,
        "Backlog on disk at which collecting answers 503 until the loader has caught up.",
    ),
    Setting("disk_reserve_mb", 64, "Free disk space below which collecting answers 503."),
    Setting(
        "quarantine_limit_mb",
        256,
        "Most that one site's quarantine takes; when it is nearly full, few of the refused events are kept.",
    ),
    Setting("quarantine_days", 30, "Days that refused events are kept; 0: for ever."),
    Setting("load_interval_ms", 150, "Pause between two loads; longer makes fewer, larger parts in the store."),
    Setting("load_batch_mb", 8, "Most bytes of spool taken in one load."),
    Setting("session_check_s", 5.0, "How often sessions gone quiet are looked for."),
    Setting("session_grace_s", 5.0, "How long nothing may have arrived for a session before its end is written."),
    Setting("geoip_path", "", "A MaxMind-format City database; empty: no country, region or city."),
    Setting("live_ring_events", 10_000, "Newest events kept in memory for live readers."),
    Setting("login_attempts_per_minute", 10, "Failed logins per address and minute before 429."),
    Setting("password_login", True, "Whether people log in by password; false: at the provider of oidc_issuer only."),
    Setting("login_days", 30, "How long a login lasts."),
    Setting("oidc_issuer", "", "OpenID Connect provider to log in at (https://…); empty: by password only."),
    Setting("oidc_client_id", "", "This server's name at the provider."),
    Setting("oidc_client_secret", "", "This server's secret at the provider; empty: none is needed."),
    Setting("oidc_claim", "email", "Claim that holds the user's name here; one that people cannot change themselves."),
    Setting("oidc_role", "", "Role on every site of users made at their first login; empty: users must exist."),
    Setting("oidc_label", "single sign-on", "What the login button calls the provider: Log in with …"),
    Setting("admin_password", "", "Password of the first admin; empty: a random one is printed once."),
    Setting("alert_check_s", 5.0, "How often alerts are looked at for windows that have closed."),
    Setting("alert_private_addresses", False, "Whether webhooks may go to private addresses, and by plain http."),
    Setting("smtp_host", "", "Mail server that alerts are sent by; empty: no e-mail."),
    Setting("smtp_port", 587, "Port of the mail server."),
    Setting("smtp_user", "", "User at the mail server; empty: none is needed."),
    Setting("smtp_password", "", "Password at the mail server."),
    Setting("smtp_from", "trackway@localhost", "Address that alerts are sent from."),
    Setting("smtp_tls", "starttls", "How mail is encrypted on its way: starttls, tls (from the first byte) or none."),
    Setting("log_format", "text", "Log lines as text or json."),
    Setting("log_level", "info", "Least severe level logged: debug, info, warning, error."),
)
BY_NAME = {setting.name: setting for setting in SETTINGS}
SECRETS = {"admin_password", "oidc_client_secret", "smtp_password"}


class Config(msgspec.Struct, frozen=True):
    """The settings in force and the data folder. Attribute access by name: `config.port`."""

    data: Path
    values: Mapping[str, str | int | float | bool]
    origins: Mapping[str, str]

    def text(self, name: str) -> str:
        """A setting whose default is text."""
        return str(self.values[name])

    def whole(self, name: str) -> int:
        """A setting whose default is a whole number."""
        return int(self.values[name])

    def is_on(self, name: str) -> bool:
        """A setting that is on or off."""
        return bool(self.values[name])

    def number(self, name: str) -> float:
        """A setting whose default is a number."""
        return float(self.values[name])

    @property
    def local_url(self) -> str:
        """The address that programs on this machine use."""
        host = self.text("host")
        shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
        return f"http://{f'[{shown}]' if ':' in shown else shown}:{self.whole('port')}"

    @property
    def public_url(self) -> str:
        """The address browsers use, with no slash at the end."""
        return self.text("public_url").rstrip("/") or self.local_url

    @property
    def trusted_proxies(self) -> frozenset[str]:
        """The peers whose word on the sender's address is believed."""
        return frozenset(peer.strip() for peer in self.text("trusted_proxies").split(",") if peer.strip())


def load_config(
    data: Path,
    flags: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Config:
    """Put the settings together. `flags` are the command line's (None: not given).

    Raises ConfigInvalid naming the setting, the value and where it stands.
    """
    environment = os.environ if environment is None else environment
    values: dict[str, str | int | float | bool] = {}
    origins: dict[str, str] = {}
    in_file = read_toml(data / TOML_NAME)
    for setting in SETTINGS:
        value, origin = find_value(setting, flags or {}, environment, in_file)
        values[setting.name] = cast(setting, value, origin)
        origins[setting.name] = origin
    check_paths(str(values["collect_path"]), str(values["sdk_path"]))
    if not values["password_login"] and not values["oidc_issuer"]:
        raise ConfigInvalid(
            "password_login is false and oidc_issuer is empty: nobody could log in. Set oidc_issuer too."
        )
    if values["smtp_tls"] not in SMTP_TLS:
        raise ConfigInvalid(f"smtp_tls is {values['smtp_tls']!r}; it must be one of {', '.join(SMTP_TLS)}.")
    return Config(data=data, values=values, origins=origins)


def check_paths(collect_path: str, sdk_path: str) -> None:
    """The renamed public paths must be paths. Raises ConfigInvalid."""
    if not collect_path.startswith("/") or len(collect_path) < 2:
        raise ConfigInvalid(f"collect_path is {collect_path!r}; it must begin with a slash, such as /e.")
    if not (sdk_path.startswith("/") and sdk_path.endswith("/")) or len(sdk_path) < 3:
        raise ConfigInvalid(f"sdk_path is {sdk_path!r}; it must begin and end with a slash, such as /s/.")


def environment_for(**values: str | float) -> dict[str, str]:
    """This process's environment for another Trackway process, with settings of its own."""
    return {**os.environ, **{ENVIRONMENT_PREFIX + name.upper(): str(value) for name, value in values.items()}}


def find_value(
    setting: Setting, flags: Mapping[str, Any], environment: Mapping[str, str], in_file: Mapping[str, Any]
) -> tuple[Any, str]:
    """The first source that names the setting: its value and the source's name."""
    variable = ENVIRONMENT_PREFIX + setting.name.upper()
    if flags.get(setting.name) is not None:
        return flags[setting.name], "flag"
    if variable in environment:
        return environment[variable], variable
    if setting.name in in_file:
        return in_file[setting.name], TOML_NAME
    return setting.default, "default"


def read_toml(path: Path) -> dict[str, Any]:
    """The settings in a file, none when there is no file. Unknown names are an error: most are typing mistakes."""
    if not path.exists():
        return {}
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigInvalid(f"{path} is not valid TOML: {error}") from error
    unknown = sorted(set(found) - set(BY_NAME))
    if unknown:
        raise ConfigInvalid(f"{path} names unknown settings: {', '.join(unknown)}. `trackway config` lists all.")
    return found


def cast(setting: Setting, value: Any, origin: str) -> str | int | float | bool:
    """A value as the setting's type. Raises ConfigInvalid."""
    kind = type(setting.default)
    try:
        if kind is bool:
            return {"true": True, "1": True, "false": False, "0": False}[str(value).lower()]
        return kind(value)
    except (ValueError, KeyError) as error:
        raise ConfigInvalid(
            f"Setting {setting.name} from {origin} is {value!r}; it must be {KIND_WORDS[kind]}."
        ) from error
