"""A site and a key, as every stage knows them: frozen values, no I/O. `control/` keeps them."""

from typing import Literal

import msgspec

from trackway.rules import Gate, Rules

Scope = Literal["events:write", "read", "admin"]
Level = Literal["events:write", "read", "values", "edit", "sql", "admin"]
"""What a route asks for. `values`: what people put into forms, which a key with scope `read` has too. `edit`:
definitions, rules, replay; `sql`: the SQL console. An API key has both by its scope `admin`."""
IpPolicy = Literal["full", "truncated", "none"]
EmailJoins = Literal["verified", "identify", "forms"]
Consent = Literal["not_needed", "required"]
Gpc = Literal["limit", "deny", "ignore"]
Bots = Literal["record", "ignore"]
SCOPES: tuple[Scope, ...] = ("events:write", "read", "admin")


class SiteSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A site's settings. Units last; 0 means no limit."""

    session_timeout_s: int = 1800
    """Seconds without activity after which a session has ended (1 to 86,400)."""
    ip: IpPolicy = "truncated"
    """What is kept of an address: all of it, its network (/24, /48), or nothing."""
    retention_days: int = 0
    """Days an event is kept, counted from its time; 0: for ever."""
    past_limit_days: int = 0
    """Events older than this are refused with time_too_old; 0: any past time is taken."""
    declared_only: bool = False
    """Take declared and built-in actions only; any other is refused with undeclared."""
    rate_limit_key_per_s: float = 0
    """Requests a second for the whole site; over it 429."""
    rate_limit_ip_per_s: float = 0
    """Requests a second for one address; over it 429."""
    email_joins: EmailJoins = "identify"
    """Which e-mail addresses join devices to one customer: those an API key or a customer token vouches for (verified),
    those of client.identify too (identify), or those typed into forms as well (forms)."""
    excluded_referrers: tuple[str, ...] = ()
    """Hosts that visits come back from (login, payment) and that are no source; their subdomains too. At most 100."""
    sdk_name: str = "SR"
    """The browser SDK's global."""
    sdk_endpoint: str = ""
    """Origin the SDK sends to; empty: the one it was loaded from."""
    sdk_page_visit: bool = True
    """page.visit on each document load."""
    sdk_spa: bool = True
    """page.visit on each virtual navigation."""
    sdk_cookie_days: int = 400
    """How long the uuid cookie lasts."""
    sdk_elements: bool = True
    """Clicks, views and hovers of elements tagged with data-track."""
    sdk_autocapture: bool = False
    """Clicks of links, buttons and other interactive elements that are not tagged."""
    sdk_outbound: bool = True
    """link.outbound when a link to another site is followed."""
    sdk_downloads: bool = True
    """file.download when a link to a file is followed."""
    sdk_scroll: bool = True
    """scroll.depth: how far a page was scrolled."""
    sdk_frustration: bool = False
    """element.rage for clicks repeated in anger, element.dead for clicks that changed nothing."""
    sdk_forms: bool = True
    """form.submit and form.abandon of tagged forms."""
    sdk_errors: bool = False
    """error.javascript: script errors, grouped and capped; loaded lazily."""
    sdk_vitals: bool = False
    """web.vital: how fast the page was for this visitor; loaded lazily."""
    consent: Consent = "not_needed"
    """Whether browsers store and send nothing before SR.consent.grant()."""
    gpc: Gpc = "limit"
    """What a browser's Global Privacy Control does: no links across domains, as if consent were denied, or nothing."""
    cookieless: bool = False
    """Nothing is stored in browsers; the server gives a visitor a uuid for the day."""
    sdk_stop: bool = False
    """The kill switch: browsers record and send nothing."""
    sdk_scrub: bool = True
    """Secrets and e-mail addresses are taken out of addresses."""
    sdk_scrub_names: tuple[str, ...] = ()
    """More query parameters whose values are taken out of addresses."""
    sdk_drop_params: tuple[str, ...] = ()
    """Params taken out of every event in the browser, at any depth."""
    sdk_bots: Bots = "record"
    """What the SDK does in crawlers and in browsers that a program drives."""
    sdk_server_cookie: bool = False
    """The server sets the uuid cookie again, where the collector is on the page's own origin."""
    sdk_link_domains: tuple[str, ...] = ()
    """Domains that share a visitor: links between them carry the uuid."""


EXCLUDED_REFERRERS_MAX = 100

LIMITS: dict[str, tuple[float, float]] = {
    "session_timeout_s": (1, 86_400),
    "retention_days": (0, 36_500),
    "past_limit_days": (0, 36_500),
    "rate_limit_key_per_s": (0, 1_000_000),
    "rate_limit_ip_per_s": (0, 1_000_000),
    "sdk_cookie_days": (0, 400),
}


class OldKey(msgspec.Struct, frozen=True):
    """A tracker key that was rotated away and is taken until `until` (epoch ms)."""

    tracker_key: str
    until: int


class Site(msgspec.Struct, frozen=True):
    """A tracked property. `archived`: since when (epoch ms) nothing is collected for it; None: it is in use."""

    id: str
    name: str
    tracker_key: str
    origins: tuple[str, ...] = ()
    settings: SiteSettings = SiteSettings()
    created: int = 0
    rules: Rules = Rules()
    archived: int | None = None
    old_keys: tuple[OldKey, ...] = ()
    gate: Gate | None = None
    """The rules at work; None where they let everything pass."""

    def allows_origin(self, origin: str) -> bool:
        """Whether pages of `origin` may send; every origin when none is listed."""
        return not self.origins or origin in self.origins


class ApiKey(msgspec.Struct, frozen=True):
    """A server's key, without its secret. `site` None: every site."""

    id: str
    site: str | None
    scope: Scope
    name: str
    created: int
    expires: int | None
    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    ip_ranges: tuple[str, ...] = ()
    last_used: int | None = None
    gate: Gate | None = None
    """Its lists at work; None where they let everything pass."""

    def may(self, level: Level, site: str | None) -> bool:
        """Whether it opens `level` on `site` (None: something that belongs to no site)."""
        covers = self.site is None or self.site == site
        return covers and self.scope in ("read" if level == "values" else level, "admin")
