"""Sites: add, list, change. Every function takes the engine and says what it raises."""

import re
import secrets
import unicodedata
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import msgspec
from sqlalchemy import Engine, Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from trackway.control.audit import Author, note_change
from trackway.control.database import sites
from trackway.errors import RequestRefused
from trackway.site import LIMITS, Site, SiteSettings

NAME_LENGTH_MAX = 200
ORIGINS_MAX = 100
SDK_NAME = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]{0,31}\Z")


def list_sites(engine: Engine) -> list[Site]:
    """All sites, the oldest first."""
    with engine.connect() as connection:
        return [to_site(row) for row in connection.execute(select(sites).order_by(sites.c.created))]


def add_site(  # noqa: PLR0913 - who, what, when
    engine: Engine,
    author: Author,
    name: str,
    origins: Sequence[str],
    now_ms: int,
    settings: SiteSettings = SiteSettings(),  # noqa: B008 - frozen
) -> Site:
    """A new site with an id made of its name. Raises RequestRefused(conflict, invalid_parameter)."""
    site = Site(
        id=slug(name),
        name=check_name(name),
        tracker_key=secrets.token_hex(12),
        origins=check_origins(origins),
        settings=settings,
        created=now_ms,
    )
    try:
        with engine.begin() as connection:
            connection.execute(insert(sites).values(**to_columns(site)))
            note_change(connection, author, now_ms, "site.add", site.id, None, to_columns(site))
    except IntegrityError as error:
        raise RequestRefused("conflict", f"There is a site {site.id} already; choose another name.", "name") from error
    return site


def change_site(engine: Engine, author: Author, site: Site, now_ms: int, what: str = "site.change") -> Site:
    """Write a site back as it now is. `what`: the kind of change. Raises RequestRefused(not_found)."""
    with engine.begin() as connection:
        was = connection.execute(select(sites).where(sites.c.id == site.id)).first()
        if was is None:
            raise RequestRefused("not_found", f"There is no site {site.id}.")
        connection.execute(update(sites).where(sites.c.id == site.id).values(**to_columns(site)))
        note_change(connection, author, now_ms, what, site.id, to_columns(to_site(was)), to_columns(site))
    return site


def rotate_key(engine: Engine, author: Author, site: Site, now_ms: int) -> Site:
    """Give a site a new tracker key; the old one is refused from then on."""
    changed = msgspec.structs.replace(site, tracker_key=secrets.token_hex(12))
    return change_site(engine, author, changed, now_ms, "site.rotate-key")


def find_site(engine: Engine, site: str) -> Site:
    """A site by id. Raises RequestRefused(not_found)."""
    found = next((one for one in list_sites(engine) if one.id == site), None)
    if found is None:
        raise RequestRefused("not_found", f"There is no site {site!r}; `trackway site list` shows all.")
    return found


def merge_settings(settings: SiteSettings, changes: dict[str, Any]) -> SiteSettings:
    """Settings with some of them changed. Raises RequestRefused(invalid_parameter) naming the one at fault."""
    known = set(SiteSettings.__struct_fields__)
    for name, value in changes.items():
        field = f"settings.{name}"
        if name not in known:
            raise RequestRefused(
                "invalid_parameter",
                f"There is no site setting {name}; there are: {', '.join(sorted(known))}.",
                field,
            )
        low, high = LIMITS.get(name, (None, None))
        if low is not None and high is not None and not (type(value) in (int, float) and low <= value <= high):
            raise RequestRefused("invalid_parameter", f"{name} must be a number from {low} to {high}.", field)
    try:
        merged = msgspec.convert({**msgspec.structs.asdict(settings), **changes}, SiteSettings)
    except msgspec.ValidationError as error:
        raise RequestRefused("invalid_parameter", f"{error}.", "settings") from error
    check_sdk_settings(merged)
    return merged


def check_sdk_settings(settings: SiteSettings) -> None:
    """What would break the pages that carry the snippet."""
    if not SDK_NAME.match(settings.sdk_name):
        raise RequestRefused(
            "invalid_parameter",
            "sdk_name must be a JavaScript name of at most 32 characters.",
            "settings.sdk_name",
        )
    if settings.sdk_endpoint:
        check_origins([settings.sdk_endpoint])


def check_name(name: str) -> str:
    """A site's name as a person wrote it."""
    name = name.strip()
    if not name or len(name) > NAME_LENGTH_MAX:
        raise RequestRefused(
            "invalid_parameter", f"A site needs a name of at most {NAME_LENGTH_MAX} characters.", "name"
        )
    return name


def check_origins(origins: Sequence[str]) -> tuple[str, ...]:
    """Origins as browsers write them: scheme://host[:port]. Raises RequestRefused(invalid_parameter)."""
    if len(origins) > ORIGINS_MAX:
        raise RequestRefused("invalid_parameter", f"At most {ORIGINS_MAX} origins.", "origins")
    return tuple(dict.fromkeys(check_origin(origin) for origin in origins))


def check_origin(origin: str) -> str:
    """One origin, without the default port."""
    try:
        parts = urlsplit(origin.strip().rstrip("/"))
        port = parts.port
    except ValueError as error:
        raise RequestRefused("invalid_parameter", f"{origin!r} is not an origin: {error}.", "origins") from error
    if (
        parts.scheme not in ("http", "https")
        or not parts.hostname
        or "@" in parts.netloc
        or parts.path
        or parts.query
        or parts.fragment
    ):
        raise RequestRefused(
            "invalid_parameter", f"{origin!r} is not an origin; write it as https://shop.example.", "origins"
        )
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    default = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{host}" + (f":{port}" if port and port != default else "")


def slug(name: str) -> str:
    """An id from a name: lower-case ASCII letters, digits and hyphens, at most 64."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    made = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:64].strip("-")
    return made or f"site-{secrets.token_hex(3)}"


def to_site(row: Row[Any]) -> Site:
    """A site from its table row."""
    return Site(
        id=row.id,
        name=row.name,
        tracker_key=row.tracker_key,
        origins=tuple(row.origins),
        settings=msgspec.convert(row.settings, SiteSettings),
        created=row.created,
    )


def to_columns(site: Site) -> dict[str, Any]:
    """A site as its table's columns."""
    return msgspec.structs.asdict(site) | {
        "origins": list(site.origins),
        "settings": msgspec.structs.asdict(site.settings),
    }
