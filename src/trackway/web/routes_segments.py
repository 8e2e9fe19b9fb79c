"""The routes of segments: named sets of customers, which every question can be narrowed to."""

import msgspec
from litestar import delete, get, post, put

from trackway.control.directory import now_ms
from trackway.control.saved import SEGMENTS, Saved
from trackway.insight.customers import put_known
from trackway.insight.segment import preview_segment
from trackway.segment import Segment, check_name, check_segment
from trackway.web.access import Access
from trackway.web.routes_read import is_sealed
from trackway.web.segments import resolve
from trackway.web.shapes_segments import NewSegment, SegmentList, SegmentPreview, SegmentShape


@get("/sites/{site:str}/segments", tags=["segments"], summary="Segments, by name")
async def read_segments(access: Access, site: str) -> SegmentList:
    """All of a site's."""
    return SegmentList([shape(one) for one in SEGMENTS.list(access.parts.engine, access.site(site).id)])


@get("/sites/{site:str}/segments/{segment:str}", tags=["segments"], summary="One segment")
async def read_segment(access: Access, site: str, segment: str) -> SegmentShape:
    """Its conditions."""
    return shape(SEGMENTS.find(access.parts.engine, access.site(site).id, segment))


@post("/sites/{site:str}/segments", tags=["segments"], summary="Save a segment")
async def create_segment(access: Access, site: str, data: NewSegment) -> SegmentShape:
    """Questions take it as `segment=ID` from then on."""
    mine = access.site(site, "edit").id
    name, content = check_name(data.name), content_of(data)
    return shape(SEGMENTS.add(access.parts.engine, access.author, mine, name, content, now_ms()))


@put("/sites/{site:str}/segments/{segment:str}", tags=["segments"], summary="Change a segment")
async def update_segment(access: Access, site: str, segment: str, data: NewSegment) -> SegmentShape:
    """In place of what it was; what is saved with it follows. With `changed` as it was read: only if nobody else has
    changed it since; else it is answered `conflict`.
    """
    mine = access.site(site, "edit").id
    name, content = check_name(data.name), content_of(data)
    engine, author, seen = access.parts.engine, access.author, data.changed
    return shape(SEGMENTS.change(engine, author, mine, segment, name, content, now_ms(), seen))


@delete("/sites/{site:str}/segments/{segment:str}", tags=["segments"], summary="Delete a segment", status_code=204)
async def delete_segment(access: Access, site: str, segment: str) -> None:
    """Its customers and their events stay. Questions that name it are answered `not_found` from then on."""
    mine = access.site(site, "edit").id
    SEGMENTS.remove(access.parts.engine, access.author, mine, segment, now_ms())


@post("/sites/{site:str}/segments/preview", tags=["segments"], summary="Who would be in it?", status_code=200)
async def preview_segment_customers(access: Access, site: str, data: Segment) -> SegmentPreview:
    """Nothing is saved; whoever may read may ask."""
    mine = access.site(site)
    check_segment(data)
    such = resolve(access.parts, mine, data, is_sealed(access, mine.id))
    found = await preview_segment(access.parts.pool, mine.id, such)
    await put_known(access.parts.pool, access.parts.ledger.register, mine.id, found["examples"])
    return msgspec.convert(found, SegmentPreview)


def content_of(data: NewSegment) -> object:
    """A segment as it is kept. Raises RequestRefused(invalid_parameter)."""
    segment = Segment(data.conditions, data.match)
    check_segment(segment)
    return msgspec.to_builtins(segment)


def shape(saved: Saved) -> SegmentShape:
    """A segment as it is shown."""
    told = {"id": saved.id, "name": saved.name, "created": saved.created, "changed": saved.changed}
    return msgspec.convert({**told, **saved.content}, SegmentShape)
