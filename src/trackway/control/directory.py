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
from trackway.control.keys import hash_secret, list_keys, note_used
from trackway.control.signing_keys import list_signing_keys
from trackway.control.sites import list_sites
from trackway.definition import Catalogue, Definition
from trackway.rules import Gate
from trackway.signing import SigningKey
from trackway.site import ApiKey, Site, SiteSettings

LOOK_S = 0.5
NOTE_USED_S = 60

log = structlog.get_logger()


class Snapshot(msgspec.Struct, frozen=True):
    """Everything the hot path asks, by what it asks with."""

    sites: Mapping[str, Site]
    by_tracker_key: Mapping[str, Site]
    by_old_key: Mapping[str, tuple[Site, int]]
    """Until when a key that was rotated away is still taken, and for which site."""
    keys: Mapping[bytes, ApiKey]
    gates_of_keys: Mapping[str, Gate]
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
        self._used: dict[str, int] = {}
        self._noted: dict[str, int] = {}

    def site(self, site: str) -> Site | None:
        """A site by id."""
        return self._snapshot.sites.get(site)

    def sites(self) -> list[Site]:
        """All sites, the oldest first."""
        return list(self._snapshot.sites.values())

    def site_by_key(self, tracker_key: str) -> Site | None:
        """The site in use that a tracker key belongs to; also one rotated away, while its overlap lasts."""
        found = self._snapshot.by_tracker_key.get(tracker_key)
        if found is None and tracker_key in self._snapshot.by_old_key:
            site, until = self._snapshot.by_old_key[tracker_key]
            return site if until > now_ms() else None
        return found

    def settings_of(self, site: str) -> SiteSettings:
        """A site's settings; the defaults for a site that is gone."""
        found = self._snapshot.sites.get(site)
        return found.settings if found else SiteSettings()

    def api_key(self, secret: str, now_ms: int) -> ApiKey | None:
        """The key with that secret, when it has not run out."""
        key = self._snapshot.keys.get(hash_secret(secret)) if secret else None
        if key is None or (key.expires is not None and key.expires <= now_ms):
            return None
        self._used[key.id] = now_ms
        return key

    def gate_of_key(self, key: str) -> Gate | None:
        """The lists of the API key with that id, at work; None where it has none, or is none."""
        return self._snapshot.gates_of_keys.get(key)

    def last_used(self, key: ApiKey) -> int | None:
        """When a key was last used (epoch ms), also if that has not been written down yet."""
        return self._used.get(key.id, key.last_used)

    def signing_keys(self, site: str) -> tuple[SigningKey, ...]:
        """The active keys that a site's customer tokens are checked with."""
        return self._snapshot.signing_keys.get(site, ())

    def catalogue(self, site: str) -> Catalogue | None:
        """What a site has declared about its actions; None: nothing."""
        return self._snapshot.catalogues.get(site)

    def any_site_allows(self, origin: str) -> bool:
        """Whether some site takes events from `origin`."""
        return any(site.allows_origin(origin) for site in self._snapshot.by_tracker_key.values())

    def session_timeouts_ms(self) -> dict[str, int]:
        """Each site's session timeout."""
        return {site.id: site.settings.session_timeout_s * 1000 for site in self._snapshot.sites.values()}

    def refresh(self) -> None:
        """Read the database again; what was changed through it holds from now on."""
        self._snapshot = take_snapshot(self.engine)

    async def watch(self) -> None:
        """Follow changes by other processes until cancelled."""
        noted_s = time.monotonic()
        while True:
            await asyncio.sleep(LOOK_S)
            try:
                if time.monotonic() - noted_s >= NOTE_USED_S:
                    noted_s = time.monotonic()
                    await asyncio.to_thread(self.note_used)
                version = self._data_version()
                if version != self._version:
                    self.refresh()
                    self._version = version
            except SQLAlchemyError as error:
                log.warning("the control database cannot be read; the last known sites and keys hold", why=str(error))

    def note_used(self) -> None:
        """Write down when keys were last used, as far as that is news. Raises SQLAlchemyError."""
        known = {key.id for key in self._snapshot.keys.values()}
        used = {key: at_ms for key, at_ms in self._used.copy().items() if key in known}
        news = {key: at_ms for key, at_ms in used.items() if self._noted.get(key) != at_ms}
        if news:
            note_used(self.engine, news)
        self._noted = used

    def close(self) -> None:
        """Write down what is left to be, and let go of the database."""
        try:
            self.note_used()
        except SQLAlchemyError as error:
            log.warning("when API keys were last used could not be written down", why=str(error))
        self._watching.close()
        self.engine.dispose()

    def _data_version(self) -> int:
        version = int(self._watching.execute(text("PRAGMA data_version")).scalar_one())
        self._watching.rollback()
        return version


def take_snapshot(engine: Engine) -> Snapshot:
    """Read everything."""
    sites, keys = list_sites(engine), list_keys(engine)
    return Snapshot(
        sites={site.id: site for site in sites},
        by_tracker_key={site.tracker_key: site for site in sites if site.archived is None},
        by_old_key={
            old.tracker_key: (site, old.until) for site in sites if site.archived is None for old in site.old_keys
        },
        keys={secret_hash: key for key, secret_hash in keys},
        gates_of_keys={key.id: key.gate for key, _ in keys if key.gate is not None},
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
