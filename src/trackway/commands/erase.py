"""`trackway erase`: a customer's data, or events by action, time and params, out of every place, with a signed receipt.

Works with and without a server.
"""

import asyncio
import sys
import time
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote

import typer

from trackway.books.erasures import digest_of
from trackway.commands import place
from trackway.commands.ask import ask
from trackway.commands.opened import opened_folder
from trackway.commands.site import Json, as_text
from trackway.control.audit import COMMAND_LINE, note_deed
from trackway.control.directory import now_ms
from trackway.control.sites import find_site
from trackway.errors import TrackwayError
from trackway.event import Refused as EventRefused
from trackway.event import check_time
from trackway.folder import Address, is_held, read_address
from trackway.insight.person import find_person
from trackway.selection import Selection, check_selection
from trackway.store.erase import count_selected

DONE_WITHIN_S = 660
LOOK_S = 0.5
WORD = "erase"


class NotErased(TrackwayError):
    """It is not done, or not begun."""


def erase(
    site: Annotated[str, typer.Option(help="The site.")],
    customer: Annotated[
        str | None, typer.Option(help="A uuid, customId or e-mail address: erase that customer.")
    ] = None,
    action: Annotated[str | None, typer.Option(help="Delete events of exactly this action.")] = None,
    since: Annotated[
        str | None, typer.Option("--from", help="Delete events of this time (epoch ms or ISO) on.")
    ] = None,
    until: Annotated[str | None, typer.Option("--to", help="Delete events before this time.")] = None,
    param: Annotated[
        list[str] | None, typer.Option(help="NAME=VALUE that events to delete have; again for more.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count what would be deleted.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Delete events without asking.")] = False,
    as_json: Json = False,
) -> None:
    """Erase one customer everywhere, or delete the events that fit all of --action, --from, --to and --param."""
    find_site(place.engine(), site)
    asked = {"action": action, "from": read_time(since, "--from"), "to": read_time(until, "--to"),
             "params": dict(map(read_param, param or ()))}  # fmt: skip
    asked = {name: value for name, value in asked.items() if value not in (None, {})}
    if (customer is None) == (not asked):
        raise typer.BadParameter("give --customer, or some of --action, --from, --to and --param")
    if customer is not None:
        if dry_run:
            raise typer.BadParameter("--dry-run counts events to delete; it is not for --customer")
        show_receipt(carry_out(site, {"customer": customer}), as_json)
        return
    counted = count(site, asked)
    if dry_run:
        print(as_text(counted) if as_json else count_words(counted))
        return
    if not yes:
        make_sure(counted)
    show_receipt(carry_out(site, {"events": {**asked, "received_until": counted["received_until"]}}), as_json)


def read_time(given: str | None, option: str) -> int | None:
    """Epoch milliseconds, from a number or ISO 8601; a time without a zone is this machine's. Raises BadParameter."""
    if given is None:
        return None
    try:
        text = given if given.lstrip("-").isdigit() else datetime.fromisoformat(given).astimezone().isoformat()
        return check_time(int(text) if given.lstrip("-").isdigit() else text, option)
    except (ValueError, OverflowError, EventRefused) as error:
        wanted = f"{option} takes epoch milliseconds or ISO 8601 such as 2026-11-01T00:00Z, not {given!r}"
        raise typer.BadParameter(wanted) from error


def read_param(pair: str) -> tuple[str, str]:
    """`name=value`. Raises BadParameter."""
    name, is_pair, value = pair.partition("=")
    if not is_pair or not name:
        raise typer.BadParameter(f"--param takes NAME=VALUE, not {pair!r}")
    return name, value


def make_sure(counted: dict[str, Any]) -> None:
    """Ask the person at the terminal. Raises NotErased where there is none, or another answer."""
    if not sys.stdin.isatty():
        raise NotErased(f"{count_words(counted)} Nothing was deleted: say --yes to delete without being asked.")
    print(count_words(counted), file=sys.stderr)
    if input(f"Type “{WORD}” to delete them for good: ").strip() != WORD:
        raise NotErased("Nothing was deleted.")


def count_words(counted: dict[str, Any]) -> str:
    """What would go."""
    return f"{counted['events']} stored and {counted['quarantine']} refused events fit."


def show_receipt(done: dict[str, Any], as_json: bool) -> None:
    """Print a receipt."""
    receipt = done["receipt"]
    if as_json:
        print(as_text(receipt))
        return
    counts = ", ".join(f"{n} from {where}" for where, n in receipt["erased"].items())
    print(f"erased {counts}")
    if receipt["customers"]:
        print(f"customers  {' '.join(receipt['customers'])}")
    if receipt.get("mentions"):
        print(f"mentions   {receipt['mentions']} events of others name an identifier of theirs, and stay")
    print(f"signature  {receipt['signature']}")


def server() -> Address | None:
    """The running server of this command's folder."""
    return read_address(place.data) if is_held(place.data) else None


def count(site: str, asked: dict[str, Any]) -> dict[str, Any]:
    """What would be deleted now."""
    address = server()
    if address:
        return dict(ask(address, f"/api/v1/sites/{quote(site)}/erasures/count", asked))
    return asyncio.run(count_in_folder(selection_of(site, asked)))


async def count_in_folder(selection: Selection) -> dict[str, Any]:
    """The same from the folder of a stopped server."""
    async with opened_folder() as (parts, _):
        stored = await parts.pool.use(lambda connection: count_selected(connection, selection))
        refused = len(parts.ledger.selected(selection))
        return {"events": stored, "quarantine": refused, "received_until": selection.upto}


def carry_out(site: str, body: dict[str, Any]) -> dict[str, Any]:
    """Erase, by the server or in the folder, and wait. Raises NotErased."""
    address = server()
    return by_server(address, site, body) if address else asyncio.run(by_folder(site, body))


def by_server(address: Address, site: str, body: dict[str, Any]) -> dict[str, Any]:
    """Ask the running server, and wait. Raises NotErased."""
    path = f"/api/v1/sites/{quote(site)}/erasures"
    done = ask(address, path, body)
    deadline = time.monotonic() + DONE_WITHIN_S
    while not done["done"]:
        if time.monotonic() > deadline:
            raise NotErased(f"Erasure {done['id']} goes on in the server; its log says what it waits for.")
        time.sleep(LOOK_S)
        done = ask(address, f"{path}/{done['id']}")
    return dict(done)


async def by_folder(site: str, body: dict[str, Any]) -> dict[str, Any]:
    """Open the folder as a server does, without listening, and erase. Raises NotErased."""
    async with opened_folder() as (parts, _):
        if "customer" in body:
            person = find_person(parts.ledger.register, site, body["customer"])
            number = await parts.erasures.begin(person)
            told: dict[str, Any] = {"customers": [digest_of(site, uuid) for uuid in person.all_customers]}
        else:
            selection = selection_of(site, body["events"])
            number = await parts.erasures.begin_deletion(selection)
            told = selection.told()
        note_deed(parts.engine, COMMAND_LINE, now_ms(), "erasure.begin", site, {"erasure": number, **told})
        deadline = time.monotonic() + DONE_WITHIN_S
        while not (done := parts.ledger.erasures(site, number, 1)[0])["done"]:
            if time.monotonic() > deadline:
                raise NotErased("It is not done; it goes on when the server starts.")
            await asyncio.sleep(LOOK_S)
        return done


def selection_of(site: str, asked: dict[str, Any]) -> Selection:
    """The selection in the API's words."""
    upto, params = asked.get("received_until") or now_ms(), tuple(asked.get("params", {}).items())
    return check_selection(Selection(site, upto, asked.get("action"), asked.get("from"), asked.get("to"), params))
