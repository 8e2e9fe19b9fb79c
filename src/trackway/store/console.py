"""What the SQL console sees: views of one site's events in a database of their own, and connections that see only them.

The table below is the views, and what is told of them. Who may read what lies in `access/users.xml`; here nothing but
the site is named, in a setting that the query cannot change. Never: a connection of the console with the server's
rights.
"""

import hashlib
from collections.abc import Callable
from typing import NamedTuple

from trackway.store.pool import DATABASE, MIB, Connection, Pool

CONSOLE = "console"
"""The database of the views, and the role that may read them."""


class Column(NamedTuple):
    """One column: its name, what it means, and its SQL over the table beneath where that is not its name."""

    name: str
    meaning: str
    sql: str = ""


class Table(NamedTuple):
    """One view. `body` is what stands behind the columns."""

    name: str
    meaning: str
    columns: tuple[Column, ...]
    body: str


WHOLE = f"dictGetOrDefault('{DATABASE}.merged_customers', 'whole', cityHash64(e.site, e.customer), e.customer)"
TOLD = "argMaxIf(JSONExtractString(params, '{name}'), time, action = 'client.identify' AND JSONHas(params, '{name}'))"
TABLES = (
    Table(
        "events",
        "One row for each stored event.",
        (
            Column("id", "The event's id."),
            Column("action", "What happened: page.visit, element.click, or an action of your own."),
            Column("label", "The line in the activity feed."),
            Column("at", "When it happened, as a time in UTC.", "fromUnixTimestamp64Milli(time, 'UTC')"),
            Column("time", "The same in epoch ms."),
            Column("received", "When it arrived here, in epoch ms."),
            Column("client_time", "What the device's clock said, in epoch ms, where that was not believed."),
            Column("customer", "Whose it is, merged customers being one.", WHOLE),
            Column("uuid", "The device it came from."),
            Column("session", "The session it belongs to; null without one."),
            Column("seq", "The device's own count of its events."),
            Column("source", "web, mobile, server, import, or system: made by the server itself."),
            Column("authenticated", "Whether a customer token or an API key vouched for the customer."),
            Column("bot", "Whether a robot did it."),
            Column("params", "JSON text: JSONExtractString(params, 'sku'), JSONExtractFloat(params, 'price')."),
            Column("page", "Of visits: the path, or screen: and the screen's name; empty for all else."),
            Column("element", "Of views, hovers and clicks: which element; empty for all else."),
            Column("dwell", "Of hovers: how long they took, in ms."),
            Column("unusual", "Of hovers longer than usual: the threshold in ms; 0 for all else."),
            Column("country", "Country, where a City database is configured."),
            Column("region", "Region, likewise."),
            Column("city", "City, likewise."),
            Column("browser", "Browser."),
            Column("os", "Operating system."),
            Column("device", "desktop, phone, tablet or other kinds."),
            Column("channel", "Of visits: what brought them, such as search or campaign."),
            Column("referrer_host", "Of visits: the host they came from."),
            Column("utm", "Of visits: the campaign's marks: utm['source'], utm['campaign']."),
            Column("ip", "The address, as far as the site keeps it."),
        ),
        f"FROM {DATABASE}.events AS e",
    ),
    Table(
        "customers",
        "One row for each customer who did something, worked out from the events.",
        (
            Column("customer", "Who.", WHOLE),
            Column("custom_id", "Your own number of them, told last by client.identify.", TOLD.format(name="customId")),
            Column("email", "The e-mail address told last by client.identify.", TOLD.format(name="email")),
            Column("first_seen", "Their first event, in epoch ms.", "min(time)"),
            Column("last_seen", "Their last event, in epoch ms.", "max(time)"),
            Column("events", "How many events.", "count()"),
            Column("sessions", "How many sessions.", "uniqExact(e.session)"),
            Column("devices", "How many uuids.", "uniqExact(e.uuid)"),
        ),
        f"FROM {DATABASE}.events AS e WHERE e.source != 'system' GROUP BY customer",
    ),
    Table(
        "sessions",
        "One row for each session, worked out from the events; events without a session are in none.",
        (
            Column("session", "Which."),
            Column("customer", "Whose.", f"any({WHOLE})"),
            Column("started", "Its first event, in epoch ms.", "min(time)"),
            Column("ended", "Its last event, in epoch ms.", "max(time)"),
            Column("events", "How many events.", "count()"),
            Column("pages", "How many pages and screens.", "countIf(page != '')"),
            Column("entry", "Its first page or screen.", "argMinIf(page, (time, seq), page != '')"),
            Column("exit", "Its last page or screen.", "argMaxIf(page, (time, seq), page != '')"),
            Column("source", "web, mobile, server or import.", "any(e.source)"),
            Column("device", "desktop, phone, tablet or other kinds.", "any(e.device)"),
            Column("channel", "What brought its first visit.", "argMinIf(e.channel, e.time, e.channel != '')"),
            Column("bot", "Whether a robot did it.", "max(e.bot)"),
        ),
        f"FROM {DATABASE}.events AS e WHERE e.source != 'system' AND e.session IS NOT NULL GROUP BY e.session",
    ),
)  # fmt: skip


class Confines(NamedTuple):
    """How far one query of the console may go."""

    timeout_s: int
    memory_mb: int
    threads: int
    rows: int


def view_sql(table: Table) -> str:
    """What makes a view. Its comment says what it was made from, so that it is made anew only when that changes."""
    columns = ",\n    ".join(f"{column.sql or f'e.{column.name}'} AS {column.name}" for column in table.columns)
    return (
        f"CREATE OR REPLACE VIEW {CONSOLE}.{table.name} DEFINER = keeper SQL SECURITY DEFINER AS\n"
        f"SELECT\n    {columns}\n{table.body}\n"
    )


def prepare_console(connection: Connection) -> None:
    """Make the views as they are told above. Raises ClickHouseError."""
    connection.command(f"CREATE DATABASE IF NOT EXISTS {CONSOLE}")
    found = connection.rows(
        "SELECT name, comment FROM system.tables WHERE database = {database:String}", {"database": CONSOLE}
    )
    there = {row["name"]: row["comment"] for row in found}
    for table in TABLES:
        sql = view_sql(table)
        mark = hashlib.sha256(sql.encode()).hexdigest()[:16]
        if there.get(table.name) != mark:
            connection.command(f"{sql} COMMENT '{mark}'")


def confined(pool: Pool, site: str, run: str, confines: Confines) -> Connection:
    """A new connection that reads one site's views and can do nothing else; the caller closes it after one query.

    `run` is the query's own name, by which `stop` finds it. Both must be free of spaces and quotes.
    """

    def confine(command: Callable[[str], object]) -> None:
        for name, value in limits_of(confines).items():
            command(f"SET {name} = {value}")
        # What the row policy of access/users.xml goes by.
        command(f"SET log_comment = '{site} {run}'")
        command(f"USE {CONSOLE}")
        command(f"SET ROLE {CONSOLE}")
        command("SET readonly = 1")

    return pool.connect(prepare=confine)


def limits_of(confines: Confines) -> dict[str, int | str]:
    """The engine's own limits. Nothing may be put down on the disk instead of being kept in memory."""
    return {
        "max_execution_time": confines.timeout_s,
        "max_memory_usage": confines.memory_mb * MIB,
        "max_threads": confines.threads,
        "limit": confines.rows + 1,
        "max_result_bytes": confines.memory_mb * MIB // 4,
        "max_query_size": 256 * 1024,
        "max_ast_depth": 200,
        "max_ast_elements": 10_000,
        "max_block_size": 16_384,
        "max_bytes_before_external_group_by": 0,
        "max_bytes_before_external_sort": 0,
        "max_bytes_ratio_before_external_group_by": 0,
        "max_bytes_ratio_before_external_sort": 0,
        "max_temporary_data_on_disk_size_for_query": MIB,
        "function_range_max_elements_in_block": 10_000_000,
        "session_timezone": "'UTC'",
        "output_format_json_quote_denormals": 1,
        "output_format_parquet_string_as_string": 1,
    }


def stop(connection: Connection, site: str, run: str) -> bool:
    """Have the engine stop a query of the console. Whether there was one."""
    asked = {"comment": f"{site} {run}"}
    found = connection.rows(
        "SELECT query_id FROM system.processes WHERE Settings['log_comment'] = {comment:String}", asked
    )
    for row in found:
        connection.command("KILL QUERY WHERE query_id = {id:String} ASYNC", {"id": row["query_id"]})
    return bool(found)
