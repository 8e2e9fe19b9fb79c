"""The people of this server and of a site: users, roles, invitations. Changes hold with the next request of theirs."""

import asyncio
from typing import Any, cast

import msgspec
from litestar import Response, delete, get, patch, post, put

from trackway.config import Config
from trackway.control.directory import now_ms
from trackway.control.invitations import (
    PATH,
    Invitation,
    NewInvitation,
    accept,
    enter,
    invite,
    invite_to_reset,
    join,
    list_invitations,
    look,
    revoke_invitation,
)
from trackway.control.roles import SITE_ROLES, opens
from trackway.control.second_factor import switch_off
from trackway.control.users import (
    User,
    UserChanges,
    change_user,
    find_user,
    give_role,
    list_users,
    remove_user,
    take_role,
)
from trackway.errors import RequestRefused
from trackway.web.access import Access, AnyRequest
from trackway.web.parts import Parts
from trackway.web.routes_login import hold_attempts, login_cookie, me_of, origin_of
from trackway.web.shapes_people import (
    Acceptance,
    Accepted,
    InvitationPage,
    InvitationShape,
    LinkShape,
    LinkToken,
    Me,
    NewInvitationRequest,
    NewInvitationShape,
    PersonPage,
    PersonRole,
    PersonShape,
    SiteRole,
    UserPage,
    UserPatch,
    UserShape,
)


@get("/users", tags=["people"], summary="All users")
async def read_users(access: Access) -> UserPage:
    """With their roles."""
    access.need("admin")
    return UserPage([user_shape(user) for user in list_users(access.parts.engine)])


@patch("/users/{user:str}", tags=["people"], summary="Change a user")
async def update_user(access: Access, user: str, data: UserPatch) -> UserShape:
    """Disabling ends their logins and the links they made. The last admin of everything stays one."""
    access.need("admin")
    changes = UserChanges(data.role, data.sites, data.disabled)
    changed = change_user(access.parts.engine, access.author, user, changes, now_ms())
    if data.totp is False:
        switch_off(access.parts.engine, access.author, user, now_ms())
        changed = find_user(access.parts.engine, user)
    return user_shape(changed)


@delete("/users/{user:str}", tags=["people"], summary="Remove a user", status_code=204)
async def delete_user(access: Access, user: str) -> None:
    """With their logins and the links they made. The last admin of everything cannot be removed."""
    access.need("admin")
    remove_user(access.parts.engine, access.author, user, now_ms())


@post("/users/{user:str}/reset", tags=["people"], summary="Make a link for a new password")
async def reset_user(access: Access, user: str) -> NewInvitationShape:
    """The link opens once, within a day, and is in this answer and nowhere else. The old password holds until then."""
    access.need("admin")
    return new_invitation(invite_to_reset(access.parts.engine, access.author, user, now_ms()), access.parts.config)


@get("/sites/{site:str}/people", tags=["people"], summary="Who has a role on a site")
async def read_people(access: Access, site: str) -> PersonPage:
    """By name; the higher of their roles here and on every site."""
    found = access.site(site, "admin").id
    people = [person_shape(user, found) for user in list_users(access.parts.engine) if user.may("read", found)]
    return PersonPage(people)


@put("/sites/{site:str}/people/{user:str}", tags=["people"], summary="Change a role on a site")
async def update_person(access: Access, site: str, user: str, data: PersonRole) -> PersonShape:
    """Of somebody who has one here. Others are invited; an admin of everything can name any user."""
    found = access.site(site, "admin").id
    hold_person(access, user, found)
    give_role(access.parts.engine, access.author, user, found, data.role, now_ms())
    return person_shape(find_user(access.parts.engine, user), found)


@delete("/sites/{site:str}/people/{user:str}", tags=["people"], summary="Take a role on a site away", status_code=204)
async def remove_person(access: Access, site: str, user: str) -> None:
    """A role on every site stays: that is the user's own."""
    found = access.site(site, "admin").id
    hold_person(access, user, found)
    take_role(access.parts.engine, access.author, user, found, now_ms())


def hold_person(access: Access, name: str, site: str) -> None:
    """Users of other sites look like none, unless the asker may see all. Raises RequestRefused(not_found)."""
    missing = RequestRefused("not_found", f"There is no user {name!r} here for you.")
    user = next((one for one in list_users(access.parts.engine) if one.name == name), None)
    if user is None or not (user.may("read", site) or access.may("admin", None)):
        raise missing


@get("/invitations", tags=["people"], summary="Links that are out")
async def read_invitations(access: Access) -> InvitationPage:
    """Those that are only for sites of which you are an admin."""
    hold_admin(access)
    found = [one for one in list_invitations(access.parts.engine, now_ms()) if may_handle(access, one)]
    return InvitationPage([msgspec.convert(shown(one), InvitationShape) for one in found])


@post("/invitations", tags=["people"], summary="Invite somebody")
async def create_invitation(access: Access, data: NewInvitationRequest) -> NewInvitationShape:
    """The link opens once and is in this answer and nowhere else. Needs admin on every site it names."""
    hold_admin(access)
    if data.role != "member":
        access.need("admin")
    for site in data.sites:
        access.site(site, "admin")
    made = invite(access.parts.engine, access.author, data.name.strip(), data.role, data.sites, now_ms(), data.days)
    return new_invitation(made, access.parts.config)


@delete("/invitations/{invitation:str}", tags=["people"], summary="Take a link back", status_code=204)
async def remove_invitation(access: Access, invitation: str) -> None:
    """It opens nothing from then on."""
    hold_admin(access)
    found = next((one for one in list_invitations(access.parts.engine, now_ms()) if one.id == invitation), None)
    if found is None or not may_handle(access, found):
        raise RequestRefused("not_found", f"There is no invitation {invitation!r} here for you.")
    revoke_invitation(access.parts.engine, access.author, invitation, now_ms())


def hold_admin(access: Access) -> None:
    """Raise RequestRefused(scope_missing) for who is an admin of nothing."""
    if not access.may("admin", None) and not access.sites("admin"):
        access.need("admin")


def may_handle(access: Access, invitation: Invitation) -> bool:
    """Whether an asker is an admin of all that a link gives."""
    only_sites = invitation.kind == "invitation" and invitation.role == "member"
    return access.may("admin", None) or (only_sites and all(access.may("admin", site) for site in invitation.sites))


@post("/invitations/look", tags=["people"], summary="What a link is for", status_code=200)
async def look_at_link(request: AnyRequest, parts: Parts, data: LinkToken) -> LinkShape:
    """For whoever holds it; it can still be used."""
    address = hold_link(request, parts)
    found = look(parts.engine, data.token, now_ms())
    hold_attempts(address, parts, cost=-1)
    return msgspec.convert(shown(found), LinkShape)


@post("/invitations/accept", tags=["people"], summary="Use a link", status_code=200)
async def accept_link(request: AnyRequest, parts: Parts, data: Acceptance) -> Accepted:
    """Makes the user, or sets the password; log in then. The link opens nothing any more."""
    address = hold_link(request, parts)
    name = await asyncio.to_thread(accept, parts.engine, data.token, data.name.strip(), data.password, now_ms())
    hold_attempts(address, parts, cost=-1)
    return Accepted(name)


@post("/invitations/enter", tags=["people"], summary="Log in by a link", status_code=200)
async def enter_by_link(request: AnyRequest, parts: Parts, data: LinkToken) -> Response[Me]:
    """For a link of `trackway user login-link`; sets the login cookie. The link opens nothing any more."""
    address = hold_link(request, parts)
    days = parts.config.whole("login_days")
    found = await asyncio.to_thread(enter, parts.engine, data.token, origin_of(request, parts), now_ms(), days)
    hold_attempts(address, parts, cost=-1)
    return Response(me_of(found.session), cookies=[login_cookie(request, parts, found)])


@post("/invitations/join", tags=["people"], summary="Use an invitation while logged in", status_code=204)
async def join_by_link(access: Access, data: LinkToken) -> None:
    """Its roles are added to yours; none gets lower."""
    join(access.parts.engine, data.token, access.person().user.name, now_ms())


def hold_link(request: AnyRequest, parts: Parts) -> str:
    """Count a look at a link like a login, apart from these; what to give back when it was a good one."""
    address = f"link {origin_of(request, parts).address}"
    hold_attempts(address, parts)
    return address


def new_invitation(made: NewInvitation, config: Config) -> NewInvitationShape:
    """A link at the only moment it is known."""
    return msgspec.convert(
        shown(made.invitation) | {"link": f"{config.public_url}{PATH}{made.token}"}, NewInvitationShape
    )


def shown(invitation: Invitation) -> dict[str, Any]:
    """A link's fields as they are shown."""
    fields = invitation._asdict()
    return fields | {"name": fields.pop("user"), "sites": dict(invitation.sites)}


def user_shape(user: User) -> UserShape:
    """A user as shown."""
    return msgspec.convert(user._asdict(), UserShape)


def person_shape(user: User, site: str) -> PersonShape:
    """A user as seen from a site."""
    own = user.sites.get(site, "member")
    role = next(one for one in reversed(SITE_ROLES) if one in (own, user.role))
    everywhere = not opens(own, "read") or role != own
    return PersonShape(user.name, cast("SiteRole", role), everywhere, user.disabled)
