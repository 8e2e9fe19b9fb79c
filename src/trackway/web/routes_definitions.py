"""The routes of the catalogue: what a site tracks, declared and discovered. Every change holds at once."""

from typing import Annotated

import msgspec
from litestar import delete, get, put
from litestar.params import QueryParameter

from trackway.control.definitions import delete_definition, list_definitions, put_definitions
from trackway.control.directory import now_ms
from trackway.definition import Definition
from trackway.errors import RequestRefused
from trackway.event import ACTION_LENGTH_MAX, action_fault
from trackway.insight.catalogue import Wanted, read_catalogue
from trackway.insight.filters import decode_cursor, encode_cursor
from trackway.web.access import Access
from trackway.web.routes_read import is_sealed
from trackway.web.shapes_govern import DefinitionPage, DefinitionShape, NewDefinition

Words = Annotated[str | None, QueryParameter(name="q", max_length=200, description="Part of the action or its name.")]
Declared = Annotated[bool | None, QueryParameter(description="Only declared and built-in ones, or only the others.")]
Limit = Annotated[int, QueryParameter(ge=1, le=200, description="Most items on the page.")]
Cursor = Annotated[str | None, QueryParameter(description="`next` of the page before.")]


@get("/sites/{site:str}/definitions", tags=["definitions"], summary="The catalogue of actions, by name")
async def read_definitions(  # noqa: PLR0913 - one argument a query parameter
    access: Access,
    site: str,
    words: Words = None,
    declared: Declared = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> DefinitionPage:
    """Declared, built in, and discovered from traffic: the 2,000 most frequent actions."""
    after = decode_cursor(cursor, tuple[str])[0] if cursor else ""
    wanted = Wanted(words or "", declared, after, limit, sealed=is_sealed(access, site))
    found, following = await read_catalogue(access.parts.pool, access.site(site).id, declared_of(access, site), wanted)
    return msgspec.convert(
        {"items": found, "next": following and encode_cursor(following)}, DefinitionPage, strict=False
    )


@get("/sites/{site:str}/definitions/{action:str}", tags=["definitions"], summary="One action")
async def read_definition(access: Access, site: str, action: str) -> DefinitionShape:
    """Declared, built in or seen; anything else is not found."""
    found = await find(access, access.site(site).id, action)
    if not (found.declared or found.built_in or found.volume):
        raise RequestRefused("not_found", f"Site {site} has no action {action[:ACTION_LENGTH_MAX]!r}.")
    return found


@put("/sites/{site:str}/definitions/{action:str}", tags=["definitions"], summary="Declare an action")
async def put_definition(access: Access, site: str, action: str, data: NewDefinition) -> DefinitionShape:
    """In place of what was declared of it; what is left out is at its default. Fields of the catalogue are ignored."""
    found = access.site(site, "edit").id
    check_path_action(action)
    put_definitions(
        access.parts.engine, access.author, found, [Definition(action, **msgspec.structs.asdict(data))], now_ms()
    )
    access.parts.directory.refresh()
    return await find(access, found, action)


@delete(
    "/sites/{site:str}/definitions/{action:str}", tags=["definitions"], summary="Undeclare an action", status_code=204
)
async def remove_definition(access: Access, site: str, action: str) -> None:
    """Its events stay, and are judged without it from then on."""
    delete_definition(access.parts.engine, access.author, access.site(site, "edit").id, action, now_ms())
    access.parts.directory.refresh()


async def find(access: Access, site: str, action: str) -> DefinitionShape:
    """One action of the catalogue, whether there is anything about it or not."""
    wanted = Wanted(exactly=action, sealed=is_sealed(access, site))
    found, _ = await read_catalogue(access.parts.pool, site, declared_of(access, site), wanted)
    return msgspec.convert(found[0], DefinitionShape)


def declared_of(access: Access, site: str) -> dict[str, Definition]:
    """What a site has declared, by action."""
    return {one.action: one for _, one in list_definitions(access.parts.engine, site)}


def check_path_action(action: str) -> None:
    """An action that events could have. Raises RequestRefused(invalid_parameter)."""
    if len(action) > ACTION_LENGTH_MAX:
        raise RequestRefused("invalid_parameter", f"An action has at most {ACTION_LENGTH_MAX} characters.", "action")
    fault = action_fault(action)
    if fault is not None:
        raise RequestRefused("invalid_parameter", fault[1], "action")
