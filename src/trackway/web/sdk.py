"""The browser SDK as one file with its site's configuration inside, and the snippet that loads it."""

import gzip
import hashlib
import json
import re
from collections import OrderedDict
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

import brotli

from trackway.collect.app import Send, respond
from trackway.config import Config
from trackway.control.directory import Directory
from trackway.errors import RequestRefused
from trackway.rules import Rules
from trackway.site import Site, SiteSettings

MAX_AGE_S = 300
LAZY = ("ahead", "errors", "vitals", "extras", "overlay")
"""Files beside the SDK's that only some pages load, in the build's order; the hash of all is part of each name."""
HASH_DIGITS = 10
"""The SDK's build cuts the SHA-256 in its names to as many."""
CORE_FEATURES = ("page_visit", "spa")
PARTS = (
    "elements", "autocapture", "outbound", "downloads", "scroll", "frustration", "forms", "errors", "vitals",
)  # fmt: skip
"""Features that the core does without: a site that has none of them on is served the smaller file."""
PRIVACY = {
    "consent": "consent",
    "gpc": "gpc",
    "cookieless": "cookieless",
    "stopped": "sdk_stop",
    "scrub": "sdk_scrub",
    "scrub_names": "sdk_scrub_names",
    "drop_params": "sdk_drop_params",
    "bots": "sdk_bots",
    "server_cookie": "sdk_server_cookie",
    "link_domains": "sdk_link_domains",
}
"""What the SDK calls these settings (`sdk/src/config.ts`)."""
LATER = {"autocapture", "frustration", "errors", "vitals"}
"""Features that lie in files of their own, which nothing has to wait for."""
AHEAD = {"cookieless", "bots", "server_cookie", "link_domains", "scrub_names", "drop_params"}
"""Settings that lie in a file of their own, which has to be there before the SDK does anything."""
DEFAULTS = SiteSettings()
REFUSED = re.compile(r";\s*q\s*=\s*0(\.0*)?\s*$")  # RFC 9110, 12.4.2: weight 0 means not acceptable
COMPOSED_MAX = 1_000
NOT_BUILT = "console.warn('Trackway: the SDK has not been built; run `make build` on the server.')"


class Composed(NamedTuple):
    """One site's file in each encoding, and its ETag."""

    etag: str
    by_encoding: dict[str, bytes]


class Proof(NamedTuple):
    """What a site asks of customer tokens: the actions that need one, and whether it has keys to check them with."""

    actions: tuple[str, ...] = ()
    signed: bool = False


class SdkFiles:
    """`GET {sdk_path}{tracker_key}.js`, remembered until the site's configuration changes, and the files beside it."""

    def __init__(self, directory: Directory, config: Config) -> None:
        self._directory = directory
        self._collect_path = config.text("collect_path")
        self._composed: OrderedDict[str, Composed] = OrderedDict()

    async def serve(self, name: str, headers: dict[bytes, bytes], send: Send) -> None:
        """Answer for the file `name` (behind the SDK's path)."""
        lazy = lazy_files().get(name)
        if lazy is not None:
            await _answer(send, headers, lazy, b"public, max-age=31536000, immutable")
            return
        site = self._directory.site_by_key(name.removesuffix(".js")) if name.endswith(".js") else None
        if site is None:
            refused = RequestRefused("not_found", "No site has this tracker key.")
            body = json.dumps(refused.body()).encode()
            await respond(send, 404, body, [(b"content-type", b"application/json")])
            return
        await _answer(send, headers, self._compose(site), b"public, max-age=%d" % MAX_AGE_S)

    def _proof(self, site: Site) -> Proof:
        catalogue = self._directory.catalogue(site.id)
        actions = catalogue.needing("token") if catalogue else []
        return Proof(tuple(sorted(actions)), bool(self._directory.signing_keys(site.id)))

    def _compose(self, site: Site) -> Composed:
        text = compose(site, self._collect_path, self._proof(site))
        found = self._composed.get(text)
        if found is None:
            found = self._composed[text] = pack(text.encode())
            if len(self._composed) > COMPOSED_MAX:
                self._composed.popitem(last=False)
        return found


async def _answer(send: Send, headers: dict[bytes, bytes], file: Composed, cached: bytes) -> None:
    shared = [
        (b"content-type", b"text/javascript; charset=utf-8"),
        (b"cache-control", cached),
        (b"etag", file.etag.encode()),
        (b"vary", b"Accept-Encoding"),
        (b"access-control-allow-origin", b"*"),
        (b"cross-origin-resource-policy", b"cross-origin"),
        (b"x-content-type-options", b"nosniff"),
    ]
    if file.etag in headers.get(b"if-none-match", b"").decode("latin-1"):
        await respond(send, 304, b"", shared)
        return
    encoding = pick_encoding(headers.get(b"accept-encoding", b"").decode("latin-1"))
    if encoding:
        shared.append((b"content-encoding", encoding.encode()))
    await respond(send, 200, file.by_encoding[encoding], shared)


@cache
def lazy_files() -> dict[str, Composed]:
    """The files that the built SDK loads on demand, by the names that it knows, and by no others."""
    built = {name: (asset(f"{name}.js") or "").encode() for name in LAZY}
    digest = hashlib.sha256(b"".join(built.values())).hexdigest()[:HASH_DIGITS]
    return {f"{name}-{digest}.js": pack(body) for name, body in built.items() if body}


def compose(site: Site, collect_path: str, proof: Proof) -> str:
    """The file's text: the SDK, and a start with the site's configuration. Nothing of it leaks into the page."""
    config = sdk_config(site, collect_path)
    if needs_ahead(config, proof):
        config |= {"ahead": True} | ({"token_actions": proof.actions} if proof.actions else {})
    built = asset(pick_file(config))
    if built is None:
        return NOT_BUILT
    said = json.dumps(config, separators=(",", ":"))
    if config.keys() & {"ahead"} or any(config["features"][name] for name in LATER):
        return f"!function(){{{built}\n{asset('more.js')}\nTrackwaySDK.start({said},TrackwayMore);}}();"
    return f"!function(){{{built}\nTrackwaySDK.start({said});}}();"


def needs_ahead(config: dict[str, Any], proof: Proof) -> bool:
    """Whether the site uses something that has to be there before the SDK does anything."""
    return proof.signed or bool(proof.actions) or bool(config.keys() & AHEAD)


def pick_file(config: dict[str, Any]) -> str:
    """The smaller built file where it has all that the site asks for."""
    on = any(config["features"][part] for part in PARTS)
    bare = not on and "ahead" not in config and config.keys() & PRIVACY.keys() == {"scrub"}  # changed, so it is off
    return "core.js" if bare else "trackway.js"


def sdk_config(site: Site, collect_path: str) -> dict[str, Any]:
    """What the SDK is told of its site."""
    settings = site.settings
    return {
        "key": site.tracker_key,
        "name": settings.sdk_name,
        "endpoint": settings.sdk_endpoint,
        "path": collect_path,
        "session_timeout_ms": settings.session_timeout_s * 1000,
        "cookie_days": settings.sdk_cookie_days,
        "features": {name: getattr(settings, f"sdk_{name}") for name in (*CORE_FEATURES, *PARTS)},
        "rules": sdk_rules(site.rules),
        **privacy_config(settings),
    }


def privacy_config(settings: SiteSettings) -> dict[str, Any]:
    """What differs from the defaults, which the SDK has as well: most sites add nothing to each page."""
    return {
        name: getattr(settings, field)
        for name, field in PRIVACY.items()
        if getattr(settings, field) != getattr(DEFAULTS, field)
    }


def sdk_rules(rules: Rules) -> dict[str, Any]:
    """What the SDK is told of its site's rules: the lists where they are enforced, and not more than it needs."""
    enforced = rules.mode == "enforce"
    return {
        "mode": rules.mode,
        "allow": list(rules.allow) if enforced else [],
        "deny": list(rules.deny) if enforced else [],
    }


def pack(body: bytes) -> Composed:
    """A body in every encoding offered."""
    return Composed(
        f'"{hashlib.sha256(body).hexdigest()[:24]}"',
        {"": body, "gzip": gzip.compress(body, 9, mtime=0), "br": brotli.compress(body)},
    )


def pick_encoding(accepted: str) -> str:
    """The best encoding a browser takes: br, gzip or none."""
    offered = {part.split(";")[0].strip() for part in accepted.lower().split(",") if not REFUSED.search(part)}
    return next((encoding for encoding in ("br", "gzip") if encoding in offered), "")


def snippet(site: Site, config: Config) -> str:
    """The script element to put on every page of the site."""
    url = f"{config.public_url}{config.text('sdk_path')}{site.tracker_key}.js"
    built = asset("snippet.js")
    if built is None:
        return f'<script async src="{url}"></script>'
    code = built.strip().replace("__NAME__", site.settings.sdk_name).replace("__URL__", url)
    return f"<script>{code}</script>"


@cache
def asset(name: str) -> str | None:
    """A built file of the SDK, None when it has not been built."""
    path = files("trackway") / "assets" / "sdk" / name
    return path.read_text(encoding="utf-8") if path.is_file() else None
