"""A trial: events judged as the collector and the loader would judge them now. Nothing is stored, counted or kept."""

import asyncio

from litestar import post

from trackway.collect.decode import Batch, decode_body
from trackway.collect.verdicts import Sender, has_no_id, make_record
from trackway.control.directory import now_ms
from trackway.errors import RequestRefused
from trackway.event import Event
from trackway.identifier import Bearer
from trackway.insight.verdict import known_ids
from trackway.load.place import Places
from trackway.load.unfold import Load, make_rows
from trackway.record import Record, decode_record, encode_record, split_group
from trackway.site import Site
from trackway.store.row import Row
from trackway.web.access import Access
from trackway.web.shapes_quality import TRIAL_EVENTS_MAX, NewTrial, TrialShape, Tried

ERASED = "This customer was erased; what comes of them is refused, and not kept in the quarantine either."


@post("/sites/{site:str}/try", tags=["quality"], summary="What would become of these events?", status_code=200)
async def try_events(access: Access, site: str, data: NewTrial) -> TrialShape:
    """Judged by the code, rules and definitions that judge what is sent; nothing is stored. What is wrong with a whole
    request is answered as the collect route does. Not tried: origin, key, rate limits, a token's signature.
    """
    mine = access.site(site)
    body = data.text.encode("utf-8", "surrogatepass")
    batch = read_text(body)
    record = make_record(sender_of(access, mine, data.sent_as), batch, now_ms(), body)
    items = {why.index: Tried(why.index, why.id, "rejected", code=why.code, message=why.message, field=why.field)
             for why in (refusal.why for refusal in record.refused)}  # fmt: skip
    places_left = [index for index in range(len(batch.events)) if index not in items]
    known = await known_ids(access.parts.pool, mine.id, [event.id for event in record.events])
    rows, failed = await asyncio.to_thread(rows_of, access, record)
    for position, (index, event) in enumerate(zip(places_left, record.events, strict=True)):
        row = rows.get(position)
        items[index] = judge_late(access, mine, index, event, row, failed.get(position, ""), known)
        known.add(event.id)
        if has_no_id(batch.events[index]):
            items[index].id = None
    return TrialShape(items=[items[index] for index in sorted(items)])


def read_text(body: bytes) -> Batch:
    """A text as the routes read a body; several lines of JSON are read as NDJSON. Raises RequestRefused."""
    try:
        return decode_body(body, TRIAL_EVENTS_MAX)
    except RequestRefused as refused:
        first, _, rest = body.strip().partition(b"\n")
        if refused.code == "malformed_json" and rest and first.strip().endswith(b"}"):
            return decode_body(body, TRIAL_EVENTS_MAX, lines=True)
        raise


def sender_of(access: Access, site: Site, sent_as: str) -> Sender:
    """Who would send it: anybody, a customer with a token, or a server."""
    bearer = Bearer("", "trial") if sent_as == "token" else None
    catalogue = access.parts.directory.catalogue(site.id)
    return Sender(site, "", sent_as == "server", "", "", catalogue=catalogue, bearer=bearer)


def rows_of(access: Access, record: Record) -> tuple[dict[int, Row], dict[int, str]]:
    """What the loader would make of the record: rows by their place, and why there is none."""
    directory = access.parts.directory
    (payload,) = split_group(encode_record(record))
    load = Load(upto=0, records=[(decode_record(payload), 0)])
    make_rows(load, directory.settings_of, Places(), directory.catalogue)
    aside = {one.position: one.message for one in load.set_aside if one.position < len(record.events)}
    return {row.position: row for row in load.rows}, aside


def judge_late(  # noqa: PLR0913 - an event, and all that is known of it
    access: Access, site: Site, index: int, event: Event, row: Row | None, failed: str, known: set[str]
) -> Tried:
    """The verdict on an event that the collector would take: the loader's."""
    if event.uuid and access.parts.ledger.is_erased(site.id, event.uuid):
        return Tried(index, event.id, "rejected", code="denied", message=ERASED, field=f"events[{index}].uuid")
    if row is None:
        return Tried(index, event.id, "rejected", code="event_invalid", message=failed)
    verdict = "duplicate" if event.id in known else "stored"
    return Tried(index, event.id, verdict, row.action, row.label, row.time, would_reject=event.would_reject or None)
