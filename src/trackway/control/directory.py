"""Sites and keys in memory, for the hot path: a snapshot that is replaced whole when the database has changed.

A change made by another process (the command line) is seen within `LOOK_S` seconds, by SQLite's data_version.
"""

import asyncio
import time
from collections.abc import Iterable, Mapping

import msgspec
import structlog
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from trackway.control.definitions import list_definitions
from trackway.control.keys import hash_secret, list_keys
from trackway.control.signing_keys import list_signing_keys
from trackway.control.sites import list_sites
from trackway.definition import Catalogue, Definition
from trackway.signing import SigningKey
from trackway.site import ApiKey, Site, SiteSettings

LOOK_S = 0.5

log = structlog.get_logger()


class Snapshot(msgspec.Struct, frozen=True):
    """Everything the hot path asks, by what it asks with."""

    sites: Mapping[str, Site]
    by_tracker_key: Mapping[str, Site]
    keys: Mapping[bytes, ApiKey]
    signing_keys: Mapping[str, tuple[SigningKey, ...]]
    """Site → its active keys; a site without any is not in it."""
    catalogues: Mapping[str, Catalogue]
    """Site → what it has declared; a site that has declared nothing is not in it."""


class Directory:
    """The current snapshot of an engine's control data."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._watching = engine.connect()
        self._version = self._data_version()
        self._snapshot = take_snapshot(engine)

    def site(self, site: str) -> Site | None:
        """A site by id."""
        return self._snapshot.sites.get(site)

    def sites(self) -> list[Site]:
        """All sites, the oldest first."""
        return list(self._snapshot.sites.values())

    def site_by_key(self, tracker_key: str) -> Site | None:
        """The site a tracker key belongs to."""
        return self._snapshot.by_tracker_key.get(tracker_key)

    def settings_of(self, site: str) -> SiteSettings:
        """A site's settings; the defaults for a site that is gone."""
        found = self._snapshot.sites.get(site)
        return found.settings if found else SiteSettings()

    def api_key(self, secret: str, now_ms: int) -> ApiKey | None:
        """The key with that secret, when it has not run out."""
        key = self._snapshot.keys.get(hash_secret(secret)) if secret else None
        return key if key and (key.expires is None or key.expires > now_ms) else None

    def signing_keys(self, site: str) -> tuple[SigningKey, ...]:
        """The active keys that a site's customer tokens are checked with."""
        return self._snapshot.signing_keys.get(site, ())

    def catalogue(self, site: str) -> Catalogue | None:
        """What a site has declared about its actions; None: nothing."""
        return self._snapshot.catalogues.get(site)

    def any_site_allows(self, origin: str) -> bool:
        """Whether some site takes events from `origin`."""
        return any(site.allows_origin(origin) for site in self._snapshot.sites.values())

    def session_timeouts_ms(self) -> dict[str, int]:
        """Each site's session timeout."""
        return {site.id: site.settings.session_timeout_s * 1000 for site in self._snapshot.sites.values()}

    def refresh(self) -> None:
        """Read the database again; what was changed through it holds from now on."""
        self._snapshot = take_snapshot(self.engine)

    async def watch(self) -> None:
        """Follow changes by other processes until cancelled."""
        while True:
            await asyncio.sleep(LOOK_S)
            try:
                version = self._data_version()
                if version != self._version:
                    self.refresh()
                    self._version = version
            except SQLAlchemyError as error:
                log.warning("the control database cannot be read; the last known sites and keys hold", why=str(error))

    def close(self) -> None:
        """Let go of the database."""
        self._watching.close()
        self.engine.dispose()

    def _data_version(self) -> int:
        version = int(self._watching.execute(text("PRAGMA data_version")).scalar_one())
        self._watching.rollback()
        return version


def take_snapshot(engine: Engine) -> Snapshot:
    """Read everything."""
    sites = list_sites(engine)
    return Snapshot(
        sites={site.id: site for site in sites},
        by_tracker_key={site.tracker_key: site for site in sites},
        keys={secret_hash: key for key, secret_hash in list_keys(engine)},
        signing_keys=active_by_site(list_signing_keys(engine)),
        catalogues=catalogues_of(sites, list_definitions(engine)),
    )


def active_by_site(keys: Iterable[tuple[str, SigningKey]]) -> dict[str, tuple[SigningKey, ...]]:
    """The keys that tokens may be signed with now."""
    found: dict[str, tuple[SigningKey, ...]] = {}
    for site, key in keys:
        if key.active:
            found[site] = (*found.get(site, ()), key)
    return found


def catalogues_of(sites: Iterable[Site], definitions: Iterable[tuple[str, Definition]]) -> dict[str, Catalogue]:
    """What each site that has declared anything judges its events by."""
    by_site: dict[str, list[Definition]] = {}
    for site, definition in definitions:
        by_site.setdefault(site, []).append(definition)
    made = {site.id: Catalogue(by_site.get(site.id, ()), site.settings.declared_only) for site in sites}
    return {site: catalogue for site, catalogue in made.items() if catalogue}


def now_ms() -> int:
    """The clock of this process, in epoch milliseconds."""
    return int(time.time() * 1000)
