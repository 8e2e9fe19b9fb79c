"""The routes of merges: which customers were made one, when and why; making two one by hand, and taking a merge back.

Each holds at once, for events of the past too: events are not touched, only which customers are one.
"""

import asyncio
from collections.abc import Callable
from typing import TypeVar

import msgspec
from litestar import get, post

from trackway.books.people import PARTS_MAX, Merged
from trackway.control.audit import note_change
from trackway.control.directory import now_ms
from trackway.errors import RequestRefused, StorageUnavailable
from trackway.insight.filters import decode_cursor, encode_cursor
from trackway.insight.person import find_customer
from trackway.web.access import Access
from trackway.web.routes_read import Cursor, CursorPosition, Limit
from trackway.web.shapes_customers import MergePage, MergeShape, NewMerge

DONE_WITHIN_S = 30.0
LAST = 2**63 - 1

Done = TypeVar("Done")


@get("/sites/{site:str}/customers/{customer:str}/merges", tags=["customers"], summary="Merges of a customer")
async def read_merges(access: Access, site: str, customer: str, limit: Limit = 50, cursor: Cursor = None) -> MergePage:
    """The newest first, those that were undone too."""
    mine, register = access.site(site).id, access.parts.ledger.register
    upto = decode_cursor(cursor, tuple[CursorPosition])[0] if cursor else LAST
    parts = register.parts(mine, find_customer(register, mine, customer))
    found = register.merges(mine, parts, upto, limit + 1)
    following = encode_cursor(found[limit]["id"]) if len(found) > limit else None
    return msgspec.convert({"items": found[:limit], "next": following}, MergePage)


@post("/sites/{site:str}/merges", tags=["customers"], summary="Make two customers one")
async def create_merge(access: Access, site: str, data: NewMerge) -> MergeShape:
    """Also where their identifiers differ: whoever asks knows better. It can be undone."""
    mine, register, ledger = access.site(site, "edit").id, access.parts.ledger.register, access.parts.ledger
    now, who = now_ms(), author_of(access)

    def merge() -> int:
        one, into = find_customer(register, mine, data.customer), find_customer(register, mine, data.into)
        if one == into:
            raise RequestRefused("conflict", "These are one customer already.", "customer")
        if len(register.parts(mine, one)) + len(register.parts(mine, into)) > PARTS_MAX:
            raise RequestRefused("conflict", f"A customer is merged of at most {PARTS_MAX}.", "into")
        return ledger.merge(Merged(mine, one, into, now, "manual", who=who))

    number = await between_loads(access, merge)
    note(access, mine, "customer.merge", number, now)
    return msgspec.convert(register.merge(mine, number), MergeShape)


@post("/sites/{site:str}/merges/{merge:int}/undo", tags=["customers"], summary="Take a merge back", status_code=200)
async def undo_merge(access: Access, site: str, merge: int) -> MergeShape:
    """What it brought in is a customer of its own again, and is merged with the other again only by hand: a device that
    names the other once more is switched to them from then on.
    """
    mine, ledger = access.site(site, "edit").id, access.parts.ledger
    now, who = now_ms(), author_of(access)
    await between_loads(access, lambda: ledger.undo_merge(mine, merge, who, now))
    note(access, mine, "customer.undo-merge", merge, now)
    return msgspec.convert(ledger.register.merge(mine, merge), MergeShape)


async def between_loads(access: Access, step: Callable[[], Done]) -> Done:
    """Have a step done while no load is being decided. Raises StorageUnavailable while the loader is held up."""
    done = access.parts.loader.between_loads(step)
    try:
        return await asyncio.wait_for(asyncio.wrap_future(done), DONE_WITHIN_S)
    except TimeoutError as error:
        raise StorageUnavailable("The loader is held up, so this cannot be done now; try again.") from error


def author_of(access: Access) -> str:
    """Who asks, as the log of merges names them."""
    return access.author.name or access.author.kind


def note(access: Access, site: str, what: str, merge: int, now: int) -> None:
    """A line of the audit log. It names nobody: that a customer can be erased without it."""
    with access.parts.engine.begin() as connection:
        note_change(connection, access.author, now, what, site, None, {"merge": merge})
