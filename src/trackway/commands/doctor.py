"""`trackway doctor [EVENT_ID]`: is all well; or why one event is, or is not, there.

It asks the running server of the data folder; without one it looks into the folder itself.
"""

from pathlib import Path
from typing import Annotated, Any

import typer

from trackway.books import Ledger
from trackway.commands import place
from trackway.commands.ask import ask
from trackway.commands.plain import plain
from trackway.control.sites import list_sites
from trackway.errors import TrackwayError
from trackway.event import UUID_TEXT
from trackway.folder import BOOKS_NAME, SPOOL_NAME, Address, is_held, read_address
from trackway.insight.verdict import explain
from trackway.store.migrate import migrate
from trackway.store.pool import Pool

VERDICTS = ("stored", "in_flight", "rejected", "unknown")
"""What one site says goes before what the next one says."""
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
        balance = ask(address, f"/api/v1/sites/{site['id']}/ledger?from=0&step=day&gaps=false")
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
    """What the running server knows of an event. Raises DoctorSays when it never came."""
    told: list[dict[str, Any]] = []
    for site in every_site(address):
        told.append(ask(address, f"/api/v1/sites/{site['id']}/events/{event_id}/verdict"))
    return say(min(told, key=lambda one: VERDICTS.index(one["verdict"])))


def explain_by_folder(data: Path, event_id: str) -> str:
    """What the folder of a stopped server holds of an event. Raises DoctorSays when it never came."""
    sites = frozenset(site.id for site in list_sites(place.engine()))
    pool = Pool(data, place.config().text("store_dsn"))
    ledger = Ledger(data / BOOKS_NAME)
    try:
        connection = pool.connect()
        migrate(connection)
        told = explain(connection, ledger, data / SPOOL_NAME, event_id, sites)
        connection.close()
    finally:
        ledger.close()
        pool.close()
    if told["verdict"] == "in_flight":
        told["message"] += " It will be when the server starts."
    return say(told)


def say(told: dict[str, Any]) -> str:
    """The message for an event that came. Raises DoctorSays with it for one that never did."""
    if told["verdict"] == "unknown":
        raise DoctorSays(told["message"])
    return plain(str(told["message"]))
