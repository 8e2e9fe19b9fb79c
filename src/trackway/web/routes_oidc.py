"""The two stops of a login at another place: leaving for it, and coming back. Both are for a browser to be sent to."""

import hmac
from typing import Annotated

import structlog
from litestar import Response, get
from litestar.datastructures import Cookie
from litestar.params import QueryParameter
from litestar.response import Redirect

from trackway.config import Config
from trackway.control.directory import now_ms
from trackway.control.logins import begin_login
from trackway.control.roles import check_role
from trackway.control.users import user_of_subject
from trackway.errors import ConfigInvalid, RequestRefused
from trackway.web.access import AnyRequest
from trackway.web.oidc import FLOW_S, ProviderFailed, SignOns
from trackway.web.parts import Parts
from trackway.web.routes_login import hold_attempts, is_secure, login_cookie, note_failure, origin_of
from trackway.web.shapes_people import LoginWays, SignOn

BEGIN = "/api/v1/login/oidc"
CALLBACK = f"{BEGIN}/callback"
STATE_COOKIE = "trackway_sign_on"
PARAM_LENGTH_MAX = 4_000
WHY_LENGTH_MAX = 200

log = structlog.get_logger()
_under_way = SignOns()

# `state` is a word of the framework's.
State = Annotated[str, QueryParameter(name="state", max_length=PARAM_LENGTH_MAX, description="Ours, given back.")]
Param = Annotated[str, QueryParameter(max_length=PARAM_LENGTH_MAX, description="As the provider gives it.")]


@get("/login/ways", tags=["login"], summary="How people log in here")
async def read_ways(parts: Parts) -> LoginWays:
    """For the login screen: open to everybody."""
    config = parts.config
    oidc = SignOn(config.text("oidc_label"), BEGIN) if config.text("oidc_issuer") else None
    return LoginWays(oidc, config.is_on("password_login"))


@get("/login/oidc", tags=["login"], summary="Log in at the OpenID Connect provider", status_code=302)
async def leave_for_provider(request: AnyRequest, parts: Parts) -> Redirect:
    """Sends the browser there. 404 when no provider is configured."""
    if not parts.config.text("oidc_issuer"):
        raise RequestRefused("not_found", "No login provider is configured here; see the setting oidc_issuer.")
    hold_attempts(f"oidc {origin_of(request, parts).address}", parts)
    try:
        begun = await _under_way.begin(parts.config, f"{parts.config.public_url}{CALLBACK}")
    except (ProviderFailed, ConfigInvalid) as failed:
        log.warning("a login at the provider cannot begin", why=str(failed))
        return Redirect("/login?problem=provider", status_code=302)
    # Lax: the provider's redirect back is a visit from another site.
    cookie = Cookie(
        STATE_COOKIE,
        value=begun.state,
        max_age=FLOW_S,
        httponly=True,
        samesite="lax",
        secure=is_secure(request),
        path=BEGIN,
    )
    return Redirect(begun.url, status_code=302, cookies=[cookie])


@get("/login/oidc/callback", tags=["login"], summary="Come back from the provider", status_code=302)
async def return_from_provider(
    request: AnyRequest, parts: Parts, given: State = "", code: Param = "", error: Param = ""
) -> Redirect:
    """Sets the login cookie and leads to the page; to the login screen when something was wrong: the log says what."""
    config, origin = parts.config, origin_of(request, parts)
    try:
        if not config.text("oidc_issuer") or error or not code:
            raise ProviderFailed(f"The provider says {error!r}." if error else "There is no code in the address.")
        check_state(request, given)
        who = await _under_way.finish(config, f"{config.public_url}{CALLBACK}", given, code)
        role = default_role(config)
        user = user_of_subject(parts.engine, who.subject, who.name, role, now_ms())
        hold_attempts(f"oidc {origin.address}", parts, cost=-1)
        found = begin_login(parts.engine, user.name, origin, now_ms(), config.whole("login_days"), "provider")
    except (ProviderFailed, ConfigInvalid) as failed:
        log.warning("a login at the provider failed", why=str(failed))
        await note_failure(parts, origin, "login.fail", {"by": "provider", "why": str(failed)[:WHY_LENGTH_MAX]})
        return Redirect("/login?problem=provider", status_code=302)
    except RequestRefused as refused:
        log.warning("a login at the provider was refused", why=refused.message)
        await note_failure(parts, origin, "login.fail", {"by": "provider", "why": refused.message[:WHY_LENGTH_MAX]})
        return Redirect("/login?problem=user", status_code=302)
    forget: Response[None] = Response(None)
    forget.delete_cookie(STATE_COOKIE, path=BEGIN)
    return Redirect("/", status_code=302, cookies=[login_cookie(request, parts, found), *forget.cookies])


def check_state(request: AnyRequest, state: str) -> None:
    """The browser that comes back must be the one that left. Raises ProviderFailed."""
    kept = request.cookies.get(STATE_COOKIE, "")
    if not state or not hmac.compare_digest(kept.encode(), state.encode()):
        raise ProviderFailed("This browser did not begin the login that it came back from; begin again.")


def default_role(config: Config) -> str | None:
    """The role of users made at their first login; None: they must exist. Raises ConfigInvalid."""
    role = config.text("oidc_role")
    if not role:
        return None
    try:
        return check_role(role)
    except RequestRefused as refused:
        raise ConfigInvalid(f"oidc_role is {role!r}: {refused.message}") from refused
