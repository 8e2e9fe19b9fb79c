"""`trackway erase`: one customer's data, out of every place, with a signed receipt. Works with and without a server."""

import asyncio
import time
from typing import Annotated, Any
from urllib.parse import quote

import typer

from trackway.commands import place
from trackway.commands.ask import ask
from trackway.commands.site import Json, as_text
from trackway.control.sites import find_site
from trackway.errors import TrackwayError
from trackway.folder import Address, hold_folder, is_held, read_address
from trackway.insight.person import find_person
from trackway.server import open_parts

DONE_WITHIN_S = 660
LOOK_S = 0.5


class NotErased(TrackwayError):
    """It is not done yet."""


def erase(
    site: Annotated[str, typer.Option(help="The site.")],
    customer: Annotated[str, typer.Option(help="A uuid, customId or e-mail address.")],
    as_json: Json = False,
) -> None:
    """Erase one customer everywhere: store, spool, quarantine, identifiers, memory. Prints the receipt."""
    find_site(place.engine(), site)
    address = read_address(place.data) if is_held(place.data) else None
    done = by_server(address, site, customer) if address else asyncio.run(by_folder(site, customer))
    receipt = done["receipt"]
    if as_json:
        print(as_text(receipt))
        return
    counts = ", ".join(f"{n} from {where}" for where, n in receipt["erased"].items())
    print(f"erased {counts}\ncustomers  {' '.join(receipt['customers'])}\nsignature  {receipt['signature']}")


def by_server(address: Address, site: str, customer: str) -> dict[str, Any]:
    """Ask the running server, and wait. Raises NotErased."""
    path = f"/api/v1/sites/{quote(site)}/erasures"
    done = ask(address, path, {"customer": customer})
    deadline = time.monotonic() + DONE_WITHIN_S
    while not done["done"]:
        if time.monotonic() > deadline:
            raise NotErased(f"Erasure {done['id']} goes on in the server; its log says what it waits for.")
        time.sleep(LOOK_S)
        done = ask(address, f"{path}/{done['id']}")
    return dict(done)


async def by_folder(site: str, customer: str) -> dict[str, Any]:
    """Open the folder as a server does, without listening, and erase. Raises NotErased."""
    with hold_folder(place.data):
        async with open_parts(place.config()) as (parts, _, _):
            number = await parts.erasures.begin(find_person(parts.ledger.register, site, customer))
            deadline = time.monotonic() + DONE_WITHIN_S
            while not (done := parts.ledger.erasures(site, number, 1)[0])["done"]:
                if time.monotonic() > deadline:
                    raise NotErased("It is not done; it goes on when the server starts.")
                await asyncio.sleep(LOOK_S)
            return done
