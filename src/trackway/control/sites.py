"""Sites: add, list, change. Every function takes the engine and says what it raises."""

import re
import secrets
import unicodedata
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import msgspec
from sqlalchemy import Connection, Engine, Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from trackway.control.audit import Author, note_change
from trackway.control.database import old_tracker_keys, sites
from trackway.errors import RequestRefused
from trackway.rules import Rules, gate_of
from trackway.site import EXCLUDED_REFERRERS_MAX, LIMITS, OldKey, Site, SiteSettings

NAME_LENGTH_MAX = 200
ORIGINS_MAX = 100
OVERLAP_H_MAX = 24 * 90
OLD_KEYS_MAX = 10
HOUR_MS = 3_600_000
# RFC 1123 names, and addresses in brackets.
HOST = re.compile(r"(?=.{1,253}\Z)([a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_][a-z0-9_-]{0,62})*|\[[0-9a-f:.]+\])\Z")
NAMES_MAX = 100
NAME_IN_LIST_LENGTH_MAX = 253
DOMAIN = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*\Z")
SDK_NAME = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]{0,31}\Z")


def list_sites(engine: Engine) -> list[Site]:
    """All sites, the oldest first."""
    with engine.connect() as connection:
        old: dict[str, list[OldKey]] = {}
        for row in connection.execute(select(old_tracker_keys).order_by(old_tracker_keys.c.until)):
            old.setdefault(row.site, []).append(OldKey(row.tracker_key, row.until))
        rows = connection.execute(select(sites).order_by(sites.c.created))
        return [to_site(row, old.get(row.id, ())) for row in rows]


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


def change_site(engine: Engine, author: Author, site: Site, now_ms: int) -> Site:
    """Write a site's name, origins and settings back as they now are. Raises RequestRefused(not_found)."""
    return write_site(engine, author, site, now_ms, "site.change", ("name", "origins", "settings"))


def write_site(  # noqa: PLR0913 - who, what, when
    engine: Engine, author: Author, site: Site, now_ms: int, what: str, names: Sequence[str]
) -> Site:
    """Write only the columns `names` of a site, so that no other change is undone. Raises RequestRefused(not_found)."""
    with engine.begin() as connection:
        write_columns(connection, author, site, now_ms, what, names)
    return site


def write_columns(  # noqa: PLR0913 - who, what, when
    connection: Connection, author: Author, site: Site, now_ms: int, what: str, names: Sequence[str]
) -> None:
    """The same in the caller's transaction."""
    columns = to_columns(site)
    this = sites.c.id == site.id
    held = connection.execute(update(sites).where(this).values(id=site.id))  # holds it from the look to the change
    if not held.rowcount:
        raise RequestRefused("not_found", f"There is no site {site.id}.")
    was = to_columns(to_site(connection.execute(select(sites).where(this)).one()))
    connection.execute(update(sites).where(this).values({name: columns[name] for name in names}))
    before, after = {name: was[name] for name in names}, {name: columns[name] for name in names}
    note_change(connection, author, now_ms, what, site.id, before, after)


def rotate_key(engine: Engine, author: Author, site: Site, now_ms: int, overlap_h: float = 0) -> Site:
    """Give a site a new tracker key. The old one works for `overlap_h` hours more; 0: no old key works from then on.

    Raises RequestRefused(invalid_parameter, conflict).
    """
    if not 0 <= overlap_h <= OVERLAP_H_MAX:
        raise RequestRefused("invalid_parameter", f"overlap_h must be from 0 to {OVERLAP_H_MAX} hours.", "overlap_h")
    kept = [old for old in site.old_keys if old.until > now_ms] if overlap_h else []
    if len(kept) >= OLD_KEYS_MAX:
        wanted = f"{OLD_KEYS_MAX} old keys of this site still work; rotate without an overlap, which ends them."
        raise RequestRefused("conflict", wanted, "overlap_h")
    if overlap_h:
        kept.append(OldKey(site.tracker_key, now_ms + int(overlap_h * HOUR_MS)))
    kept.sort(key=lambda old: old.until)
    changed = msgspec.structs.replace(site, tracker_key=secrets.token_hex(12), old_keys=tuple(kept))
    with engine.begin() as connection:
        moved = connection.execute(
            update(sites)
            .where(sites.c.id == site.id, sites.c.tracker_key == site.tracker_key)
            .values(tracker_key=changed.tracker_key)
        )
        if not moved.rowcount:
            raise RequestRefused("conflict", f"The key of site {site.id} has just been changed; look at it again.")
        connection.execute(delete(old_tracker_keys).where(old_tracker_keys.c.site == site.id))
        for old in kept:
            connection.execute(
                insert(old_tracker_keys).values(tracker_key=old.tracker_key, site=site.id, until=old.until)
            )
        note_change(connection, author, now_ms, "site.rotate-key", site.id, key_lines(site), key_lines(changed))
    return changed


def key_lines(site: Site) -> dict[str, Any]:
    """A site's tracker keys, for the audit log. They are public."""
    return {
        "tracker_key": site.tracker_key,
        "old_keys": [msgspec.structs.asdict(old) for old in site.old_keys],
    }


def archive_site(engine: Engine, author: Author, site: Site, now_ms: int) -> Site:
    """Take no more events for a site. What is stored stays and can be read; an archived site stays as it is."""
    if site.archived is not None:
        return site
    archived = msgspec.structs.replace(site, archived=now_ms)
    return write_site(engine, author, archived, now_ms, "site.archive", ("archived",))


def restore_site(engine: Engine, author: Author, site: Site, now_ms: int) -> Site:
    """Take events for an archived site again."""
    if site.archived is None:
        return site
    restored = msgspec.structs.replace(site, archived=None)
    return write_site(engine, author, restored, now_ms, "site.restore", ("archived",))


def put_rules(engine: Engine, author: Author, site: Site, rules: Rules, now_ms: int) -> Site:
    """Give a site these rules, as `check_rules` made them."""
    return write_site(engine, author, with_rules(site, rules), now_ms, "rules.put", ("rules",))


def with_rules(site: Site, rules: Rules) -> Site:
    """The site with other rules, at work."""
    return msgspec.structs.replace(site, rules=rules, gate=gate_of(rules, "this site"))


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
    check_referrers(merged.excluded_referrers)
    return merged


def check_referrers(hosts: Sequence[str]) -> None:
    """Hosts as `referrer_host` has them: lower case, without www., scheme, port or path."""
    for host in hosts:
        if not HOST.fullmatch(host) or host.startswith("www."):
            raise RequestRefused(
                "invalid_parameter",
                f"{host!r} is no host such as paypal.com (lower case, without https:// and www.).",
                "settings.excluded_referrers",
            )
    if len(hosts) > EXCLUDED_REFERRERS_MAX:
        raise RequestRefused(
            "invalid_parameter",
            f"At most {EXCLUDED_REFERRERS_MAX} referrers can be excluded.",
            "settings.excluded_referrers",
        )


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
    for field in ("sdk_scrub_names", "sdk_drop_params", "sdk_link_domains"):
        check_names(getattr(settings, field), f"settings.{field}")
    if not all(DOMAIN.match(domain) for domain in settings.sdk_link_domains):
        message = "sdk_link_domains takes domains in lower case such as shop.example, without scheme, port or path."
        raise RequestRefused("invalid_parameter", message, "settings.sdk_link_domains")


def check_names(names: Sequence[str], field: str) -> None:
    """A list of names that goes to every browser."""
    if len(names) > NAMES_MAX or not all(0 < len(name) <= NAME_IN_LIST_LENGTH_MAX for name in names):
        message = f"At most {NAMES_MAX} names of 1 to {NAME_IN_LIST_LENGTH_MAX} characters."
        raise RequestRefused("invalid_parameter", message, field)


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


def to_site(row: Row[Any], old_keys: Sequence[OldKey] = ()) -> Site:
    """A site from its table row."""
    rules = msgspec.convert(row.rules, Rules)
    return Site(
        id=row.id,
        name=row.name,
        tracker_key=row.tracker_key,
        origins=tuple(row.origins),
        settings=msgspec.convert(row.settings, SiteSettings),
        created=row.created,
        rules=rules,
        archived=row.archived,
        old_keys=tuple(old_keys),
        gate=gate_of(rules, "this site"),
    )


def to_columns(site: Site) -> dict[str, Any]:
    """A site as its table's columns."""
    return {
        "id": site.id,
        "name": site.name,
        "tracker_key": site.tracker_key,
        "origins": list(site.origins),
        "settings": msgspec.structs.asdict(site.settings),
        "created": site.created,
        "rules": msgspec.to_builtins(site.rules),
        "archived": site.archived,
    }
