"""The control database: its tables, and how it is opened and brought up to date. All access goes through SQLAlchemy,
so that PostgreSQL can take SQLite's place.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config as AlembicConfig
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Engine,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    event,
)

BUSY_TIMEOUT_S = 10
CONTROL_NAME = "control.sqlite"
metadata = MetaData()

sites = Table(
    "sites",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("tracker_key", String(64), nullable=False, unique=True),
    Column("origins", JSON, nullable=False),
    Column("settings", JSON, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("rules", JSON, nullable=False, server_default="{}"),
    Column("archived", BigInteger),
)

# Tracker keys that were rotated away and are still taken for a while.
old_tracker_keys = Table(
    "old_tracker_keys",
    metadata,
    Column("tracker_key", String(64), primary_key=True),
    Column("site", String(64), ForeignKey("sites.id"), nullable=False),
    Column("until", BigInteger, nullable=False),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("secret_hash", LargeBinary(32), nullable=False, unique=True),
    Column("site", String(64), ForeignKey("sites.id")),
    Column("scope", String(32), nullable=False),
    Column("name", String(200), nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("expires", BigInteger),
    Column("allow", JSON, nullable=False, server_default="[]"),
    Column("deny", JSON, nullable=False, server_default="[]"),
    Column("ip_ranges", JSON, nullable=False, server_default="[]"),
    Column("last_used", BigInteger),
)

users = Table(
    "users",
    metadata,
    Column("name", String(200), primary_key=True),
    Column("password_hash", String(300), nullable=False),
    Column("role", String(32), nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("disabled", BigInteger),
    Column("subject", String(600), unique=True),
    Column("totp_secret", String(64)),
    Column("totp_waiting", String(64)),
    Column("totp_step", BigInteger, nullable=False, server_default="0"),
    Column("totp_failures", Integer, nullable=False, server_default="0"),
    Column("totp_failed", BigInteger, nullable=False, server_default="0"),
)

user_roles = Table(
    "user_roles",
    metadata,
    Column("user", String(200), ForeignKey("users.name", ondelete="CASCADE"), primary_key=True),
    Column("site", String(64), ForeignKey("sites.id", ondelete="CASCADE"), primary_key=True),
    Column("role", String(32), nullable=False),
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("user", String(200), ForeignKey("users.name", ondelete="CASCADE"), primary_key=True),
    Column("code_hash", LargeBinary(32), primary_key=True),
)

invitations = Table(
    "invitations",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("token_hash", LargeBinary(32), nullable=False, unique=True),
    Column("kind", String(16), nullable=False),
    Column("user", String(200), nullable=False),
    Column("role", String(32), nullable=False),
    Column("sites", JSON, nullable=False),
    Column("made_by", String(220), nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False),
)

signing_keys = Table(
    "signing_keys",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("site", String(64), ForeignKey("sites.id"), nullable=False, index=True),
    Column("kid", String(128)),
    Column("alg", String(16), nullable=False),
    Column("jwk", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("active", Boolean, nullable=False),
)

definitions = Table(
    "definitions",
    metadata,
    Column("site", String(64), ForeignKey("sites.id"), primary_key=True),
    Column("action", String(32), primary_key=True),
    Column("content", JSON, nullable=False),
)


def saved_table(name: str) -> Table:
    """A table of what people of a site save under a name (`control/saved.py`)."""
    return Table(
        name,
        metadata,
        Column("id", String(32), primary_key=True),
        Column("site", String(64), ForeignKey("sites.id"), nullable=False, index=True),
        Column("name", String(200), nullable=False),
        Column("content", JSON, nullable=False),
        Column("created", BigInteger, nullable=False),
        Column("changed", BigInteger, nullable=False),
    )


segments = saved_table("segments")
dashboards = saved_table("dashboards")

logins = Table(
    "logins",
    metadata,
    Column("token_hash", LargeBinary(32), primary_key=True),
    Column("user", String(200), ForeignKey("users.name"), nullable=False),
    Column("csrf", String(64), nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False),
    Column("address", String(45), nullable=False, server_default=""),
    Column("agent", String(300), nullable=False, server_default=""),
    Column("seen", BigInteger, nullable=False, server_default="0"),
)

alerts = Table(
    "alerts",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("site", String(64), ForeignKey("sites.id"), nullable=False, index=True),
    Column("content", JSON, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("changed", BigInteger, nullable=False),
)

alert_channels = Table(
    "alert_channels",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("site", String(64), ForeignKey("sites.id"), nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    Column("name", String(200), nullable=False),
    Column("content", JSON, nullable=False),
    Column("secret", String(100), nullable=False, server_default=""),
    Column("old_secret", String(100), nullable=False, server_default=""),
    Column("old_until", BigInteger, nullable=False, server_default="0"),
    Column("created", BigInteger, nullable=False),
)

# Lines are never changed or taken out. A site is named, not referred to: the log outlives it.
audit = Table(
    "audit",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("time", BigInteger, nullable=False),
    Column("who_kind", String(16), nullable=False),
    Column("who", String(200), nullable=False),
    Column("site", String(64), index=True),
    Column("what", String(64), nullable=False),
    Column("before", JSON(none_as_null=True)),
    Column("after", JSON(none_as_null=True)),
    sqlite_autoincrement=True,
)


def open_database(data: Path) -> Engine:
    """The control database of a data folder, its schema up to date."""
    url = f"sqlite:///{data / CONTROL_NAME}"
    engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_S})
    event.listen(engine, "connect", set_pragmas)
    config = AlembicConfig()
    config.set_main_option("script_location", "trackway.control:migrations")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    return engine


def set_pragmas(connection: object, _: object) -> None:
    """What SQLite needs on each connection to be durable and shared between processes."""
    cursor = connection.cursor()  # type: ignore[attr-defined]  # pyright: ignore
    cursor.execute("PRAGMA journal_mode = WAL")  # pyright: ignore
    cursor.execute("PRAGMA synchronous = FULL")  # pyright: ignore
    cursor.execute("PRAGMA foreign_keys = ON")  # pyright: ignore
    cursor.close()  # pyright: ignore
