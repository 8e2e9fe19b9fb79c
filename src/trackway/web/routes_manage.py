"""The manage routes: sites, keys. Every change holds in this process at once."""

from typing import Annotated

import msgspec
from litestar import delete, get, patch, post
from litestar.params import QueryParameter

from trackway.control.directory import now_ms
from trackway.control.keys import KeyLimits, add_key, list_keys, revoke_key
from trackway.control.sites import (
    OVERLAP_H_MAX,
    add_site,
    archive_site,
    change_site,
    check_name,
    check_origins,
    merge_settings,
    restore_site,
    rotate_key,
)
from trackway.errors import RequestRefused
from trackway.site import ApiKey, Site, SiteSettings
from trackway.site_settings import setting_rows
from trackway.web.access import Access
from trackway.web.sdk import snippet
from trackway.web.shapes import (
    KeyPage,
    KeyShape,
    NewKeyRequest,
    NewKeyShape,
    NewSite,
    OldKeyShape,
    SiteChanges,
    SitePage,
    SiteShape,
)
from trackway.web.shapes_govern import SettingPage, SettingShape


@get("/site-settings", tags=["sites"], summary="What can be set of a site")
async def read_settings(access: Access) -> SettingPage:
    """Every setting with its group, kind, range, default and help: what a form for them needs."""
    return SettingPage([msgspec.convert(row, SettingShape, from_attributes=True) for row in setting_rows()])


@get("/sites", tags=["sites"], summary="The sites you may open")
async def read_sites(
    access: Access,
    archived: Annotated[bool, QueryParameter(description="The archived sites in place of those in use.")] = False,
) -> SitePage:
    """All of them: a key for one site sees that one, a user those they have a role on."""
    found = [site for site in access.sites("read") if (site.archived is not None) == archived]
    return SitePage([shape(access, site) for site in found])


@post("/sites", tags=["sites"], summary="Add a site")
async def create_site(access: Access, data: NewSite) -> SiteShape:
    """The id is made of the name."""
    access.need("admin")
    settings = merge_settings(SiteSettings(), data.settings)
    site = add_site(access.parts.engine, access.author, data.name, data.origins, now_ms(), settings)
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
    engine, author = access.parts.engine, access.author
    change_site(engine, author, changed, now_ms())
    if data.archived is not None:
        changed = (archive_site if data.archived else restore_site)(engine, author, changed, now_ms())
    access.parts.directory.refresh()
    return shape(access, changed)


@delete("/sites/{site:str}", tags=["sites"], summary="Archive a site", status_code=204)
async def archive(access: Access, site: str) -> None:
    """Nothing more is collected for it; what is stored stays. `PATCH` with `archived` false restores it."""
    archive_site(access.parts.engine, access.author, access.site(site, "admin"), now_ms())
    access.parts.directory.refresh()


@post("/sites/{site:str}/rotate-key", tags=["sites"], summary="Give a site a new tracker key", status_code=200)
async def rotate_site_key(
    access: Access,
    site: str,
    overlap_h: Annotated[
        float, QueryParameter(ge=0, le=OVERLAP_H_MAX, description="Hours the old key still works.")
    ] = 0,
) -> SiteShape:
    """Change the snippet on the pages while the old key still works. Without an overlap no old key works any more."""
    changed = rotate_key(access.parts.engine, access.author, access.site(site, "admin"), now_ms(), overlap_h)
    access.parts.directory.refresh()
    return shape(access, changed)


@get("/keys", tags=["keys"], summary="API keys")
async def read_keys(access: Access) -> KeyPage:
    """Without their secrets: those of the sites you are an admin of."""
    if not access.sites("admin"):
        access.need("admin")
    keys = [key for key, _ in list_keys(access.parts.engine) if access.may("admin", key.site)]
    return KeyPage([shape_key(access, key) for key in keys])


@post("/keys", tags=["keys"], summary="Add an API key")
async def create_key(access: Access, data: NewKeyRequest) -> NewKeyShape:
    """The secret is in this answer and nowhere else."""
    if data.site is None or access.key:
        access.need("admin", data.site)
    if data.site is not None:
        access.site(data.site, "admin")
    limits = KeyLimits(data.allow, data.deny, data.ip_ranges)
    made = add_key(access.parts.engine, access.author, data.site, data.scope, now_ms(), data.name, data.expires, limits)
    access.parts.directory.refresh()
    return NewKeyShape(made.key.id, made.secret, made.key.site, made.key.scope, made.key.expires)


@delete("/keys/{key:str}", tags=["keys"], summary="Revoke an API key", status_code=204)
async def remove_key(access: Access, key: str) -> None:
    """It is refused from then on."""
    found = next((one for one, _ in list_keys(access.parts.engine) if one.id == key), None)
    if found is None or not access.may("admin", found.site):
        raise RequestRefused("not_found", f"There is no API key {key!r} here for you.")
    revoke_key(access.parts.engine, access.author, key, now_ms())
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
        archived=site.archived,
        old_keys=[OldKeyShape(old.tracker_key, old.until) for old in site.old_keys if old.until > now_ms()],
    )


def shape_key(access: Access, key: ApiKey) -> KeyShape:
    """An API key as it is shown."""
    return KeyShape(
        id=key.id,
        site=key.site,
        scope=key.scope,
        name=key.name,
        created=key.created,
        expires=key.expires,
        allow=list(key.allow),
        deny=list(key.deny),
        ip_ranges=list(key.ip_ranges),
        last_used=access.parts.directory.last_used(key),
    )
