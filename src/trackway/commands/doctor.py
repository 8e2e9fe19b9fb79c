"""`trackway doctor [EVENT_ID]`: is all well; or why one event is, or is not, there.

It asks the running server of the data folder; without one it looks into the folder itself.
"""

import json
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Annotated, Any

import typer

from trackway.books import Ledger, QuarantineFilter
from trackway.commands import place
from trackway.control.sites import list_sites
from trackway.errors import TrackwayError
from trackway.event import UUID_TEXT
from trackway.folder import Address, is_held, read_address
from trackway.record import decode_record, split_group
from trackway.spool import SqliteSpool
from trackway.store.migrate import migrate
from trackway.store.pool import Pool

TIMEOUT_S = 10
DAY_MS = 86_400_000
EventId = Annotated[str | None, typer.Argument(help="The id of an event that you miss.")]


class DoctorSays(TrackwayError):
    """Not all is well."""


def doctor(event_id: EventId = None) -> None:
    """Is all well? With an event's id: what became of it. Exits 1 when something is wrong or the event is not there."""
    if event_id is not None and not UUID_TEXT.match(event_id):
        raise DoctorSays(
            f"{event_id!r} is not an event's id: an id is a UUID. An event sent with it was refused with id_invalid."
        )
    if not place.data.exists():
        raise DoctorSays(f"There is no data folder {place.data}; name it with --data, or start `trackway serve`.")
    address = read_address(place.data) if is_held(place.data) else None
    if event_id is None:
        check_health(address)
    elif address is not None:
        print(explain_by_server(address, event_id.lower()))
    else:
        print(explain_by_folder(place.data, event_id.lower()))


def check_health(address: Address | None) -> None:
    """Print the state of each part and the balance of each site."""
    if address is None:
        print(f"No server runs on {place.data}. Start one with: trackway serve --data {place.data}")
        return
    health = ask(address, "/health/ready")
    for name, state in health["parts"].items():
        print(f"{name:<8} {state}")
    unbalanced: list[str] = []
    for site in every_site(address):
        balance = ask(address, f"/api/v1/sites/{site['id']}/ledger?from=0")
        print(balance_line(site["id"], balance))
        if not balance["balanced"]:
            unbalanced.append(site["id"])
    if not health["ready"] or unbalanced:
        raise DoctorSays(
            f"Not all is well: {'a part is not ok' if not unbalanced else 'the ledger is off'}; see above."
        )
    print("All is well.")


def every_site(address: Address) -> list[dict[str, Any]]:
    """The sites in use, then the archived ones: what these have stored is still there."""
    paths = ("/api/v1/sites", "/api/v1/sites?archived=true")
    return [site for path in paths for site in ask(address, path)["items"]]


def balance_line(site: str, balance: dict[str, Any]) -> str:
    """A site's ledger in one line."""
    rejected = sum(balance["rejected"].values())
    return (
        f"{site:<8} received {balance['received']} = stored {balance['stored']} + duplicates {balance['duplicates']}"
        f" + rejected {rejected} + in flight {balance['in_flight']}: {'balanced' if balance['balanced'] else 'OFF'}"
    )


def explain_by_server(address: Address, event_id: str) -> str:
    """What the running server knows of an event. Raises DoctorSays when it has never come."""
    for site in every_site(address):
        try:
            event = ask(address, f"/api/v1/sites/{site['id']}/events/{event_id}")
        except urllib.error.HTTPError as error:
            if error.code != 404:
                raise
        else:
            return stored_line(site["id"], event)
        page = ask(address, f"/api/v1/sites/{site['id']}/quarantine?limit=1000")
        while True:
            for row in page["items"]:
                if row["id"] == event_id:
                    return rejected_line(site["id"], row)
            if page["next"] is None:
                break
            page = ask(address, f"/api/v1/sites/{site['id']}/quarantine?limit=1000&cursor={page['next']}")
    raise never_came(event_id)


def explain_by_folder(data: Path, event_id: str) -> str:
    """What the folder of a stopped server holds of an event: stored, waiting in the spool, or refused."""
    pool = Pool(data)
    try:
        connection = pool.connect()
        migrate(connection)
        found = connection.rows(
            "SELECT site, action, label, time, received FROM events WHERE toUInt128(id) = toUInt128({id:UUID})",
            {"id": event_id},
        )
        connection.close()
    finally:
        pool.close()
    if found:
        return stored_line(found[0]["site"], found[0])
    spool = SqliteSpool(data / "spool.sqlite", limit_bytes=0)
    waiting = is_waiting(spool, event_id)
    spool.close()
    if waiting:
        return f"{event_id} is safe on disk and will be stored when the server starts."
    ledger = Ledger(data / "books.sqlite")
    for site in list_sites(place.engine()):
        for row in ledger.quarantine(QuarantineFilter(site.id, limit=1_000_000)):
            if row["id"] == event_id:
                return rejected_line(site.id, row)
    raise never_came(event_id)


def is_waiting(spool: SqliteSpool, event_id: str) -> bool:
    """Whether an event lies in the spool."""
    after = 0
    while groups := spool.read(after, 8 * 1024 * 1024, 0):
        for group in groups:
            for payload in split_group(group.payload):
                if any(event.id == event_id for event in decode_record(payload).events):
                    return True
        after = groups[-1].seq
    return False


def stored_line(site: str, event: dict[str, Any]) -> str:
    """An event that is there."""
    late_s = (event["received"] - event["time"]) / 1000
    return (
        f"Stored in site {site}: {event['action']} “{event['label']}”, received {clock(event['received'])}, which is "
        f"{late_s:.1f} s after its own time {clock(event['time'])}; look there if it is not where you expect it."
    )


def rejected_line(site: str, row: dict[str, Any]) -> str:
    """An event that was refused."""
    return (
        f"Refused in site {site} with {row['code']} at {clock(row['received'])}: {row['message']} "
        f"(field {row['field']}). It is kept in the quarantine."
    )


def never_came(event_id: str) -> DoctorSays:
    """An event nobody has seen."""
    return DoctorSays(
        f"{event_id} has never come here, or was sent without that id. Look at the sender: a blocked request, "
        "another server's address, or an answer other than 200, which asks to send again."
    )


def clock(ms: int) -> str:
    """A time for people, in UTC."""
    seconds, rest = divmod(ms, 1000)
    try:
        return time.strftime(f"%Y-%m-%d %H:%M:%S.{rest:03d} UTC", time.gmtime(seconds))
    except (ValueError, OverflowError):
        return f"{ms} ms"


def ask(address: Address, path: str, body: Any = None) -> Any:
    """A question to the running server, with the folder's own token; posted when it has a body."""
    headers = {"Authorization": f"Bearer {address.token}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(address.url + path, data, headers)  # noqa: S310 - our own server
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310
            return json.load(answer)
    except urllib.error.HTTPError as error:
        if error.code == 503:
            return json.load(error)
        raise
    except OSError as error:
        raise DoctorSays(f"The server at {address.url} does not answer ({error}).") from error
