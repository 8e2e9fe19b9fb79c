"""One's own account: password, second factor, logins. Asked by people only; a program has none."""

import asyncio
import io

import msgspec
import segno
from litestar import delete, get, post

from trackway.control.directory import now_ms
from trackway.control.logins import change_password, check_password, end_login, list_logins
from trackway.control.second_factor import confirm, count_recovery_codes, offer, switch_off
from trackway.errors import RequestRefused
from trackway.web.access import Access, AnyRequest
from trackway.web.routes_login import hold_attempts, origin_of
from trackway.web.shapes_people import (
    Account,
    Code,
    OfferedFactor,
    PasswordAgain,
    PasswordChange,
    RecoveryCodes,
    SessionPage,
    SessionShape,
)

QR_SCALE = 5


@get("/account", tags=["account"], summary="Your account")
async def read_account(access: Access) -> Account:
    """Roles, and how you log in."""
    user = access.person().user
    left = count_recovery_codes(access.parts.engine, user.name)
    return msgspec.convert(user._asdict() | {"recovery_codes": left}, Account)


@post("/account/password", tags=["account"], summary="Change your password", status_code=204)
async def update_password(request: AnyRequest, access: Access, data: PasswordChange) -> None:
    """Asks for the old one. Your other logins end."""
    session = access.person()
    with_password = hold_password(request, access)
    await asyncio.to_thread(change_password, access.parts.engine, session, data.old, data.new, now_ms())
    hold_attempts(with_password, access.parts, cost=-1)


def hold_password(request: AnyRequest, access: Access) -> str:
    """Count a password asked for again like a login; what to give back when it was right.

    Raises RequestRefused(rate_limited).
    """
    address = origin_of(request, access.parts).address
    hold_attempts(address, access.parts)
    return address


@get("/account/sessions", tags=["account"], summary="Your logins")
async def read_sessions(access: Access) -> SessionPage:
    """Where you are logged in."""
    session = access.person()
    found = list_logins(access.parts.engine, session.user.name, now_ms())
    return SessionPage([SessionShape(**one._asdict(), current=one.id == session.id) for one in found])


@delete("/account/sessions/{session:str}", tags=["account"], summary="End one of your logins", status_code=204)
async def remove_session(access: Access, session: str) -> None:
    """Its cookie opens nothing from then on."""
    end_login(access.parts.engine, access.person().user.name, session, now_ms())


@post("/account/totp", tags=["account"], summary="Set up a second factor", status_code=200)
async def offer_factor(request: AnyRequest, access: Access, data: PasswordAgain) -> OfferedFactor:
    """Scan the QR code with an authenticator app, then confirm with its code. Until then nothing changes."""
    await ask_password(request, access, data)
    offered = offer(access.parts.engine, access.person().user.name)
    return OfferedFactor(offered.secret, offered.uri, qr_code(offered.uri))


@post("/account/totp/confirm", tags=["account"], summary="Switch the second factor on", status_code=200)
async def confirm_factor(access: Access, data: Code) -> RecoveryCodes:
    """From now on each login by password asks for a code. Keep the recovery codes: they are shown this once."""
    return RecoveryCodes(confirm(access.parts.engine, access.person().user.name, data.code.strip(), now_ms()))


@post("/account/totp/off", tags=["account"], summary="Switch the second factor off", status_code=204)
async def remove_factor(request: AnyRequest, access: Access, data: PasswordAgain) -> None:
    """Asks for the password. The recovery codes are gone too."""
    await ask_password(request, access, data)
    switch_off(access.parts.engine, access.author, access.person().user.name, now_ms())


async def ask_password(request: AnyRequest, access: Access, data: PasswordAgain) -> None:
    """Make sure that it is the owner of the login who asks.

    Raises RequestRefused(login_failed, rate_limited; invalid_parameter for who has no password here).
    """
    user = access.person().user
    if not user.password:
        raise RequestRefused("invalid_parameter", "You log in at another place; set up a second factor there.")
    address = hold_password(request, access)
    await asyncio.to_thread(check_password, access.parts.engine, user.name, data.password)
    hold_attempts(address, access.parts, cost=-1)


def qr_code(text: str) -> str:
    """A text as a QR code: an SVG document, black on white, to be shown as an image."""
    drawn = io.BytesIO()
    segno.make(text, error="m").save(drawn, kind="svg", scale=QR_SCALE, light="white", xmldecl=False)
    return drawn.getvalue().decode()
