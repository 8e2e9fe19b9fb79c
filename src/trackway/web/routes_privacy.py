"""The privacy routes: everything about one customer as a file, the erasure of one customer, the deletion of events."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import msgspec
from litestar import get, post
from litestar.response import Stream

from trackway.books import QuarantineFilter
from trackway.books.erasures import Person, digest_of
from trackway.control.audit import note_deed
from trackway.control.directory import now_ms
from trackway.errors import RequestRefused
from trackway.insight.attributes import read_attributes
from trackway.insight.customers import of
from trackway.insight.events import find
from trackway.insight.filters import EventFilter, decode_cursor, encode_cursor
from trackway.insight.person import Whom, find_person, find_whom, show_rows
from trackway.selection import Selection, check_selection
from trackway.store.erase import count_selected
from trackway.web.access import Access
from trackway.web.routes_read import Cursor, CursorPosition, Limit, is_sealed
from trackway.web.shapes_quality import ErasurePage, ErasureShape, NewErasure, SelectionCount, SelectionShape

PAGE_ROWS = 1_000
ANSWER_WAITS_S = 25.0
"""Most erasures are done within this time, and their answer holds the receipt."""
LOOK_S = 0.1
LAST = 2**63 - 1
MERGES_MAX = 10_000


@get(
    "/sites/{site:str}/customers/{customer:str}/export",
    tags=["privacy"],
    summary="Everything about one customer, as NDJSON",
    media_type="application/x-ndjson",
)
async def export_customer(access: Access, site: str, customer: str) -> Stream:
    """One JSON object a line, `kind` first: the customer, identifiers, merges, attributes, events (newest first),
    rejected events.
    """
    register, mine = access.parts.ledger.register, access.site(site).id
    person, whom = find_person(register, mine, customer), find_whom(register, mine, customer)
    headers = {"content-disposition": 'attachment; filename="customer.ndjson"', "cache-control": "no-store"}
    return Stream(export_lines(access, person, whom), media_type="application/x-ndjson", headers=headers)


async def export_lines(access: Access, person: Person, whom: Whom) -> AsyncIterator[bytes]:
    """The lines of an export."""
    parts = access.parts
    yield line("customer", {"site": person.site, "uuids": person.uuids, "exported": now_ms()})
    register = parts.ledger.register
    for row in register.identifiers(person.site, whom.customers):
        yield line("identifier", row)
    for row in register.merges(person.site, whom.customers, LAST, MERGES_MAX):
        yield line("merge", row)
    condition, values = of(whom)
    for row in await read_attributes(parts.pool, person.site, condition, values, set()):
        yield line("attribute", row)
    sealed = is_sealed(access, person.site)
    before: tuple[int, int] | None = None
    while True:
        wanted = EventFilter(person.site, uuids=whom.uuids, customers=whom.customers, before=before)
        rows = await find(parts.pool, wanted, PAGE_ROWS)
        for event in show_rows(register, rows, sealed):
            yield line("event", event)
        if len(rows) < PAGE_ROWS:
            break
        before = (rows[-1].time, rows[-1].position)
    for uuid in person.uuids:
        position = LAST
        while True:
            refused = QuarantineFilter(person.site, position, uuid=uuid, limit=PAGE_ROWS, sealed=sealed)
            found = await asyncio.to_thread(parts.ledger.quarantine, refused)
            for item in found:
                yield line("rejected", item)
            if len(found) < PAGE_ROWS:
                break
            position = found[-1]["position"]


def line(kind: str, value: dict[str, Any]) -> bytes:
    """One line of an export."""
    return msgspec.json.encode({"kind": kind, kind: value}) + b"\n"


@post("/sites/{site:str}/erasures", tags=["privacy"], summary="Erase one customer, or events", status_code=200)
async def erase(access: Access, site: str, data: NewErasure) -> ErasureShape:
    """A customer is named by uuid, customId or e-mail address, and nothing of them is taken from here on. Events are
    deleted once, by action, time and params. What is there is gone within 10 minutes, most often within seconds; then
    the answer, or `GET …/erasures/{erasure}`, has the signed receipt.
    """
    mine = access.site(site, "admin").id
    if (data.customer is None) == (data.events is None):
        raise RequestRefused("invalid_parameter", "Give either a customer or events.", "customer")
    told: dict[str, Any]
    if data.customer is not None:
        person = find_person(access.parts.ledger.register, mine, data.customer)
        number = await access.parts.erasures.begin(person)
        told = {"customers": [digest_of(mine, uuid) for uuid in person.all_customers]}
    else:
        selection = selection_of(mine, data.events or SelectionShape())
        number = await access.parts.erasures.begin_deletion(selection)
        told = selection.told()
    note_deed(access.parts.engine, access.author, now_ms(), "erasure.begin", mine, {"erasure": number, **told})
    for _ in range(int(ANSWER_WAITS_S / LOOK_S)):
        if (await one_erasure(access, mine, number)).done:
            break
        await asyncio.sleep(LOOK_S)
    return await one_erasure(access, mine, number)


@post("/sites/{site:str}/erasures/count", tags=["privacy"], summary="How much would be deleted?", status_code=200)
async def count_selection(access: Access, site: str, data: SelectionShape) -> SelectionCount:
    """Counts what a deletion of these events would take now; deletes nothing."""
    selection, parts = selection_of(access.site(site, "admin").id, data), access.parts
    stored = await parts.pool.use(lambda connection: count_selected(connection, selection))
    refused = await asyncio.to_thread(parts.ledger.selected, selection)
    return SelectionCount(stored, len(refused), selection.upto)


def selection_of(site: str, asked: SelectionShape) -> Selection:
    """The selection asked for. Raises RequestRefused(invalid_parameter) for one that says nothing."""
    upto = now_ms() if asked.received_until is None else min(asked.received_until, now_ms())
    params = tuple(asked.params.items())
    return check_selection(Selection(site, upto, asked.action, asked.from_, asked.to, params))


@get("/sites/{site:str}/erasures", tags=["privacy"], summary="Erasures, the newest first")
async def read_erasures(access: Access, site: str, limit: Limit = 50, cursor: Cursor = None) -> ErasurePage:
    """Each with its receipt once it is done."""
    upto = decode_cursor(cursor, tuple[CursorPosition])[0] if cursor else LAST
    found = await asyncio.to_thread(access.parts.ledger.erasures, access.site(site, "admin").id, upto, limit + 1)
    following = encode_cursor(found[limit]["id"]) if len(found) > limit else None
    return msgspec.convert({"items": found[:limit], "next": following}, ErasurePage)


@get("/sites/{site:str}/erasures/{erasure:int}", tags=["privacy"], summary="One erasure")
async def read_erasure(access: Access, site: str, erasure: int) -> ErasureShape:
    """Its receipt once it is done."""
    return await one_erasure(access, access.site(site, "admin").id, erasure)


async def one_erasure(access: Access, site: str, number: int) -> ErasureShape:
    """An erasure by its number. Raises RequestRefused(not_found)."""
    upto = max(0, min(number, LAST))
    found = await asyncio.to_thread(access.parts.ledger.erasures, site, upto, 1)
    if not found or found[0]["id"] != number:
        raise RequestRefused("not_found", f"Site {site} has no erasure {number}.")
    return msgspec.convert(found[0], ErasureShape)
