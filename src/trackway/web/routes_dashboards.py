"""The routes of dashboards: named lists of saved questions."""

import msgspec
from litestar import delete, get, post, put

from trackway.control.directory import now_ms
from trackway.control.saved import DASHBOARDS, Saved
from trackway.dashboard import tidy
from trackway.segment import check_name
from trackway.web.access import Access
from trackway.web.shapes_dashboards import DashboardList, DashboardShape, NewDashboard


@get("/sites/{site:str}/dashboards", tags=["dashboards"], summary="Dashboards, by name")
async def read_dashboards(access: Access, site: str) -> DashboardList:
    """All of a site's, with their tiles."""
    return DashboardList([shape(one) for one in DASHBOARDS.list(access.parts.engine, access.site(site).id)])


@get("/sites/{site:str}/dashboards/{dashboard:str}", tags=["dashboards"], summary="One dashboard")
async def read_dashboard(access: Access, site: str, dashboard: str) -> DashboardShape:
    """Its tiles, in their order."""
    return shape(DASHBOARDS.find(access.parts.engine, access.site(site).id, dashboard))


@post("/sites/{site:str}/dashboards", tags=["dashboards"], summary="Save a dashboard")
async def create_dashboard(access: Access, site: str, data: NewDashboard) -> DashboardShape:
    """Everybody who may read the site sees it."""
    mine = access.site(site, "edit").id
    name, content = check_name(data.name), content_of(data)
    return shape(DASHBOARDS.add(access.parts.engine, access.author, mine, name, content, now_ms()))


@put("/sites/{site:str}/dashboards/{dashboard:str}", tags=["dashboards"], summary="Change a dashboard")
async def update_dashboard(access: Access, site: str, dashboard: str, data: NewDashboard) -> DashboardShape:
    """Its name and all its tiles, in place of what it was. With `changed` as it was read: only if nobody else has
    changed it since; else it is answered `conflict`.
    """
    mine = access.site(site, "edit").id
    name, content = check_name(data.name), content_of(data)
    engine, author, seen = access.parts.engine, access.author, data.changed
    return shape(DASHBOARDS.change(engine, author, mine, dashboard, name, content, now_ms(), seen))


@delete(
    "/sites/{site:str}/dashboards/{dashboard:str}", tags=["dashboards"], summary="Delete a dashboard", status_code=204
)
async def delete_dashboard(access: Access, site: str, dashboard: str) -> None:
    """What its tiles asked can still be asked."""
    mine = access.site(site, "edit").id
    DASHBOARDS.remove(access.parts.engine, access.author, mine, dashboard, now_ms())


def content_of(data: NewDashboard) -> object:
    """A dashboard as it is kept. Raises RequestRefused(invalid_parameter)."""
    return {"tiles": msgspec.to_builtins([tidy(tile) for tile in data.tiles])}


def shape(saved: Saved) -> DashboardShape:
    """A dashboard as it is shown."""
    told = {"id": saved.id, "name": saved.name, "created": saved.created, "changed": saved.changed}
    return msgspec.convert({**told, **saved.content}, DashboardShape)
