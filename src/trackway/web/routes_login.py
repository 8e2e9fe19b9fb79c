"""Logging in and out: by password and code, with guessing slowed down; and who is there."""

import asyncio
import time
from typing import Any

from litestar import Request, Response, get, post
from litestar.datastructures import Cookie

from trackway.collect.limit import RateLimit
from trackway.control.audit import SERVER, note_deed
from trackway.control.directory import now_ms
from trackway.control.logins import From, Login, Session, known_name, log_in, log_out
from trackway.errors import RequestRefused
from trackway.web.access import COOKIE, Access, address_of
from trackway.web.parts import Parts
from trackway.web.shapes_people import Credentials, Me

MINUTE_S = 60
HOUR_S = 3_600
DAY_S = 86_400
AnyRequest = Request[Any, Any, Any]

FAILURES_NOTED_PER_HOUR = 1_000

_attempts = RateLimit(burst_s=MINUTE_S)
_noted = RateLimit(burst_s=HOUR_S)
_turned_away = RateLimit(burst_s=MINUTE_S)


@post("/login", tags=["login"], summary="Log in", status_code=200)
async def login(request: AnyRequest, parts: Parts, data: Credentials) -> Response[Me]:
    """Sets the login cookie. `code_required`: send it again with a code. Failures are counted by address: then 429."""
    with_code = data.code.strip()
    origin = origin_of(request, parts)
    if not parts.config.is_on("password_login"):
        label = parts.config.text("oidc_label")
        raise RequestRefused("password_login_off", f"Nobody logs in by password here; log in with {label}.")
    days = parts.config.whole("login_days")
    try:
        hold_attempts(origin.address, parts)
        found = await asyncio.to_thread(
            log_in, parts.engine, data.name, data.password, with_code, origin, now_ms(), days
        )
    except RequestRefused as refused:
        if refused.code == "code_required":  # the password was right
            hold_attempts(origin.address, parts, cost=-1)
        else:
            await note_refusal(parts, origin, refused, data.name, bool(with_code))
        raise
    hold_attempts(origin.address, parts, cost=-1)
    return Response(me_of(found.session), cookies=[login_cookie(request, parts, found)])


async def note_refusal(parts: Parts, origin: From, refused: RequestRefused, name: str, with_code: bool) -> None:
    """Enter a login that was refused in the audit log. A name that no user has is left out: it may be a password."""
    user = await asyncio.to_thread(known_name, parts.engine, name)
    told = {"name": user, "by": "password and code" if with_code else "password"}
    await note_failure(parts, origin, "login.throttle" if refused.code == "rate_limited" else "login.fail", told)


async def note_failure(parts: Parts, origin: From, what: str, told: dict[str, str]) -> None:
    """Enter a login that came to nothing. Of those turned away unheard, one a minute for an address is entered; a flood
    from many addresses is cut off at FAILURES_NOTED_PER_HOUR lines.
    """
    now_s = time.monotonic()
    if what == "login.throttle" and _turned_away.take(origin.address, 1 / MINUTE_S, now_s):
        return
    if _noted.take("all", FAILURES_NOTED_PER_HOUR / HOUR_S, now_s):
        return
    await asyncio.to_thread(note_deed, parts.engine, SERVER, now_ms(), what, None, {**told, "address": origin.address})


def login_cookie(request: AnyRequest, parts: Parts, found: Login) -> Cookie:
    """The cookie of a login: out of reach of scripts and of other sites, and of plain http where there is https."""
    return Cookie(
        COOKIE,
        value=found.token,
        max_age=parts.config.whole("login_days") * DAY_S,
        httponly=True,
        samesite="strict",
        secure=is_secure(request),
        path="/",
    )


def is_secure(request: AnyRequest) -> bool:
    """Whether the browser speaks https, with us or with the web server in front."""
    return request.url.scheme == "https" or request.headers.get("x-forwarded-proto") == "https"


def hold_attempts(address: str, parts: Parts, cost: float = 1) -> None:
    """Count an attempt (or take one back that succeeded). Raises RequestRefused(rate_limited) over the limit."""
    per_s = parts.config.whole("login_attempts_per_minute") / MINUTE_S
    wait_s = _attempts.take(address, per_s, time.monotonic(), cost)
    if wait_s:
        raise RequestRefused(
            "rate_limited",
            f"Too many failed logins; wait {int(wait_s) + 1} s.",
            retry_after_s=int(wait_s) + 1,
        )


def origin_of(request: AnyRequest, parts: Parts) -> From:
    """The address and the browser that a login is tried from."""
    return From(address_of(request, parts), request.headers.get("user-agent", ""))


@post("/logout", tags=["login"], summary="Log out", status_code=204)
async def logout(request: AnyRequest, access: Access) -> Response[None]:
    """Ends the login of the cookie."""
    log_out(access.parts.engine, request.cookies.get(COOKIE, ""), now_ms())
    response: Response[None] = Response(None, status_code=204)
    response.delete_cookie(COOKIE, path="/")
    return response


@get("/me", tags=["login"], summary="Who is logged in")
async def me(access: Access) -> Me:
    """Needs the login cookie; an API key is nobody."""
    return me_of(access.person())


def me_of(session: Session) -> Me:
    """A login as its page is told of it."""
    return Me(session.user.name, session.user.role, session.csrf)
