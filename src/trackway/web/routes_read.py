"""The read routes: events and customers. Each asks one question of the insight room."""

from collections.abc import Iterable
from typing import Annotated, Any, TypeVar, cast

import msgspec
from litestar import MediaType, Request, get
from litestar.params import QueryParameter
from litestar.response import Response

from trackway.control.directory import now_ms
from trackway.errors import RequestRefused
from trackway.event import Source
from trackway.insight.beside import find_beside
from trackway.insight.customers import list_customers, read_profile
from trackway.insight.events import read_event, search
from trackway.insight.filters import (
    PARAM_FILTERS_MAX,
    EventFilter,
    check_uuid_parameter,
    decode_cursor,
)
from trackway.insight.kinds import Kind
from trackway.insight.person import Whom, find_whom, show_rows
from trackway.insight.question import Scope
from trackway.store.row import Row
from trackway.web.access import Access
from trackway.web.shapes import CustomerPage, EventPage, EventShape
from trackway.web.shapes_customers import Neighbours, Profile

MS_MAX = 2**53

Limit = Annotated[int, QueryParameter(ge=1, le=1_000, description="Most items on the page.")]
Cursor = Annotated[str | None, QueryParameter(description="`next` of the page before.")]
Words = Annotated[str | None, QueryParameter(name="q", max_length=200, description="Part of label, action or params.")]
Since = Annotated[int | None, QueryParameter(name="from", ge=-MS_MAX, le=MS_MAX, description="Not before (epoch ms).")]
Until = Annotated[int | None, QueryParameter(name="to", ge=-MS_MAX, le=MS_MAX, description="Before (epoch ms).")]
Action = Annotated[str | None, QueryParameter(max_length=32, description="Exactly this action.")]
Uuid = Annotated[str | None, QueryParameter(description="Exactly this uuid.")]
Page = Annotated[
    str | None, QueryParameter(max_length=2_000, description="Visits of this page: its path, or `screen:` and a name.")
]
Channel = Annotated[str | None, QueryParameter(max_length=64, description="Visits of this channel.")]
Country = Annotated[str | None, QueryParameter(max_length=2, description="From this country (ISO 3166).")]
Session = Annotated[str | None, QueryParameter(description="Exactly this session (UUID).")]
Customer = Annotated[str | None, QueryParameter(max_length=256, description="A customer: uuid, customId or e-mail.")]

CursorTime = Annotated[int, msgspec.Meta(ge=-(2**62), le=2**62)]
CursorPosition = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
AnyRequest = Request[Any, Any, Any]
Shape = TypeVar("Shape")


@get("/sites/{site:str}/events", tags=["events"], summary="Search events, newest first")
async def search_events(  # noqa: PLR0913 - one argument a query parameter
    access: Access,
    within: Scope,
    uuid: Uuid = None,
    customer: Customer = None,
    words: Words = None,
    page: Page = None,
    channel: Channel = None,
    country: Country = None,
    session: Session = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response[EventPage]:
    """Filters all hold at once; `param.NAME=value` asks for a param's value. Order: newest `time` first."""
    mine = within.site
    whom = whom_asked(access, mine, customer)
    wanted = EventFilter(
        site=mine,
        action=within.action or None,
        uuids=(check_uuid_parameter(uuid, "uuid"),) if uuid else whom.uuids,
        customers=whom.customers or None,
        since=within.since,
        until=within.until,
        words=words or None,
        params=within.params,
        source=within.source,
        bots=None if within.bots else False,
        such=within.segment,
        page=page or None,
        channel=channel or None,
        country=country or None,
        session=check_uuid_parameter(session, "session") if session else None,
        sealed=is_sealed(access, mine),
        before=decode_cursor(cursor, tuple[CursorTime, CursorPosition]) if cursor else None,
    )
    rows, following = await search(access.parts.pool, wanted, limit, now_ms())
    return page_of(access, mine, rows, following)


@get("/sites/{site:str}/events/{event:str}", tags=["events"], summary="One event, whole")
async def one_event(access: Access, site: str, event: str) -> Response[EventShape]:
    """The event with that id."""
    mine = access.site(site).id
    register, sealed = access.parts.ledger.register, is_sealed(access, mine)
    return encoded(await read_event(access.parts.pool, register, mine, event, sealed), EventShape)


@get("/sites/{site:str}/customers", tags=["customers"], summary="Customers, the last seen first")
async def search_customers(  # noqa: PLR0913 - one argument a query parameter
    request: AnyRequest, access: Access, within: Scope, words: Words = None, limit: Limit = 50, cursor: Cursor = None
) -> CustomerPage:
    """Only those with an event that is asked for; without any such condition, all.

    `q`: a uuid, or part of a customId, an e-mail address or an attribute; `attribute.NAME=value` asks for an
    attribute's value of now.
    """
    before = decode_cursor(cursor, tuple[CursorTime, str]) if cursor else None
    if before:
        before = (before[0], check_uuid_parameter(before[1], "cursor"))
    asked = named_filters(request.query_params.multi_items(), "attribute.")
    found, following = await list_customers(
        access.parts.pool, access.parts.ledger.register, within.site, words or "", asked, limit, before, within
    )
    return msgspec.convert({"items": found, "next": following}, CustomerPage)


@get("/sites/{site:str}/customers/{customer:str}", tags=["customers"], summary="One customer")
async def one_customer(access: Access, site: str, customer: str) -> Profile:
    """By uuid, customId or e-mail address."""
    mine = access.site(site).id
    return msgspec.convert(await read_profile(access.parts.pool, access.parts.ledger.register, mine, customer), Profile)


@get("/sites/{site:str}/customers/{customer:str}/beside", tags=["customers"], summary="Who is next in the list?")
async def read_beside(  # noqa: PLR0913 - one argument a query parameter
    request: AnyRequest,
    access: Access,
    customer: str,
    within: Scope,
    words: Words = None,
    at: Annotated[
        int | None,
        QueryParameter(ge=-MS_MAX, le=MS_MAX, description="`last_seen` of the customer as the list had it."),
    ] = None,
) -> Neighbours:
    """The customers before and after one in the list that the same parameters give, however long it is.

    With `at`, the customer stands where they stood, also when they were seen again since.
    """
    asked = named_filters(request.query_params.multi_items(), "attribute.")
    parts = access.parts
    found = await find_beside(parts.pool, parts.ledger.register, customer, words or "", asked, within, at)
    return msgspec.convert(found, Neighbours)


@get(
    "/sites/{site:str}/customers/{customer:str}/activity",
    tags=["customers"],
    summary="A customer's activity feed",
)
async def activity(  # noqa: PLR0913 - one argument a query parameter
    access: Access,
    site: str,
    customer: str,
    action: Action = None,
    kind: Annotated[Kind | None, QueryParameter(description="Only events of this kind.")] = None,
    session: Session = None,
    source: Annotated[Source | None, QueryParameter(description="Only events from this source.")] = None,
    since: Since = None,
    until: Until = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response[EventPage]:
    """The customer's events, newest first."""
    whom = find_whom(access.parts.ledger.register, access.site(site).id, customer)
    before = decode_cursor(cursor, tuple[CursorTime, CursorPosition]) if cursor else None
    wanted = EventFilter(
        site,
        action or None,
        whom.uuids,
        since,
        until,
        customers=whom.customers,
        kind=kind,
        session=check_uuid_parameter(session, "session") if session else None,
        source=source,
        before=before,
    )
    rows, following = await search(access.parts.pool, wanted, limit, now_ms())
    return page_of(access, site, rows, following)


def whom_asked(access: Access, site: str, customer: str | None) -> Whom:
    """Whose events are asked for; without a customer, nobody's in particular."""
    return find_whom(access.parts.ledger.register, site, customer) if customer else Whom(None, ())


def param_filters(query: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """`param.NAME=value` filters in a query."""
    return named_filters(query, "param.")


def named_filters(query: Iterable[tuple[str, str]], prefix: str) -> tuple[tuple[str, str], ...]:
    """Filters in a query whose names begin with a prefix. Raises RequestRefused(invalid_parameter) for too many."""
    found = tuple((name.removeprefix(prefix), value) for name, value in query if name.startswith(prefix))
    if len(found) > PARAM_FILTERS_MAX:
        raise RequestRefused(
            "invalid_parameter", f"At most {PARAM_FILTERS_MAX} of {prefix}… can be asked for.", "param"
        )
    return found


def is_sealed(access: Access, site: str) -> bool:
    """Whether what was put into forms is withheld from this asker."""
    return not access.may("values", site)


def page_of(access: Access, site: str, rows: list[Row], following: str | None) -> Response[EventPage]:
    """Rows of a site as a page of events."""
    shown = show_rows(access.parts.ledger.register, rows, is_sealed(access, site))
    return encoded({"items": shown, "next": following}, EventPage)


def encoded(body: Any, _: type[Shape]) -> Response[Shape]:
    """An answer whose parts are JSON text already (params, quarantined events): encoded once, not checked again."""
    return cast("Response[Shape]", Response(msgspec.json.encode(body), media_type=MediaType.JSON))
