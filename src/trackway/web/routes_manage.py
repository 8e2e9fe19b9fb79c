"""The manage routes: sites, keys. Every change holds in this process at once."""

import msgspec
from litestar import delete, get, patch, post

from trackway.control.directory import now_ms
from trackway.control.keys import add_key, list_keys, revoke_key
from trackway.control.sites import (
    add_site,
    change_site,
    check_name,
    check_origins,
    merge_settings,
    rotate_key,
)
from trackway.errors import RequestRefused
from trackway.site import Site, SiteSettings
from trackway.web.access import Access
from trackway.web.sdk import snippet
from trackway.web.shapes import (
    KeyPage,
    KeyShape,
    NewKeyRequest,
    NewKeyShape,
    NewSite,
    SiteChanges,
    SitePage,
    SiteShape,
)


@get("/sites", tags=["sites"], summary="The sites you may open")
async def read_sites(access: Access) -> SitePage:
    """All of them: a key for one site sees that one, a user those they have a role on."""
    return SitePage([shape(access, site) for site in access.sites("read")])


@post("/sites", tags=["sites"], summary="Add a site")
async def create_site(access: Access, data: NewSite) -> SiteShape:
    """The id is made of the name."""
    access.need("admin")
    settings = merge_settings(SiteSettings(), data.settings)
    site = add_site(access.parts.engine, data.name, data.origins, now_ms())
    site = change_site(access.parts.engine, msgspec.structs.replace(site, settings=settings))
    access.parts.directory.refresh()
    return shape(access, site)


@get("/sites/{site:str}", tags=["sites"], summary="One site")
async def read_site(access: Access, site: str) -> SiteShape:
    """With its snippet and all of its settings."""
    return shape(access, access.site(site))


@patch("/sites/{site:str}", tags=["sites"], summary="Change a site")
async def update_site(access: Access, site: str, data: SiteChanges) -> SiteShape:
    """What is left out stays. Settings hold at once; browsers have them within five minutes."""
    found = access.site(site, "admin")
    changed = msgspec.structs.replace(
        found,
        name=found.name if data.name is None else check_name(data.name),
        origins=found.origins if data.origins is None else check_origins(data.origins),
        settings=merge_settings(found.settings, data.settings),
    )
    change_site(access.parts.engine, changed)
    access.parts.directory.refresh()
    return shape(access, changed)


@post("/sites/{site:str}/rotate-key", tags=["sites"], summary="Give a site a new tracker key", status_code=200)
async def rotate_site_key(access: Access, site: str) -> SiteShape:
    """The old key is refused from then on: change the snippet on the pages."""
    changed = rotate_key(access.parts.engine, access.site(site, "admin"))
    access.parts.directory.refresh()
    return shape(access, changed)


@get("/keys", tags=["keys"], summary="API keys")
async def read_keys(access: Access) -> KeyPage:
    """Without their secrets: those of the sites you are an admin of."""
    if not access.sites("admin"):
        access.need("admin")
    keys = [key for key, _ in list_keys(access.parts.engine) if access.may("admin", key.site)]
    return KeyPage([KeyShape(key.id, key.site, key.scope, key.name, key.created, key.expires) for key in keys])


@post("/keys", tags=["keys"], summary="Add an API key")
async def create_key(access: Access, data: NewKeyRequest) -> NewKeyShape:
    """The secret is in this answer and nowhere else."""
    if data.site is None or access.key:
        access.need("admin", data.site)
    if data.site is not None:
        access.site(data.site, "admin")
    made = add_key(access.parts.engine, data.site, data.scope, now_ms(), data.name, data.expires)
    access.parts.directory.refresh()
    return NewKeyShape(made.key.id, made.secret, made.key.site, made.key.scope, made.key.expires)


@delete("/keys/{key:str}", tags=["keys"], summary="Revoke an API key", status_code=204)
async def remove_key(access: Access, key: str) -> None:
    """It is refused from then on."""
    found = next((one for one, _ in list_keys(access.parts.engine) if one.id == key), None)
    if found is None or not access.may("admin", found.site):
        raise RequestRefused("not_found", f"There is no API key {key!r} here for you.")
    revoke_key(access.parts.engine, key)
    access.parts.directory.refresh()


def shape(access: Access, site: Site) -> SiteShape:
    """A site as it is shown."""
    return SiteShape(
        id=site.id,
        name=site.name,
        tracker_key=site.tracker_key,
        origins=list(site.origins),
        snippet=snippet(site, access.parts.config),
        settings=msgspec.structs.asdict(site.settings),
    )
