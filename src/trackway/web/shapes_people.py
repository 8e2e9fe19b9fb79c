"""The shapes of people: logins, accounts, users, invitations."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from trackway.web.shapes import Ms

SiteRole = Literal["viewer", "editor", "admin"]
Role = Literal["member", "viewer", "editor", "admin"]
RoleOnSites = Annotated[dict[str, SiteRole], Meta(description="Site id → role on that site.")]
Everywhere = Annotated[Role, Meta(description="Role on every site; member: only those in `sites`.")]


class Credentials(msgspec.Struct):
    """A login attempt. `code`: of the authenticator app, or a recovery code; needed after `code_required`."""

    name: str
    password: str
    code: Annotated[str, Meta(max_length=100)] = ""


class Me(msgspec.Struct):
    """Who is logged in. Send `csrf` in the header X-CSRF-Token with every change."""

    name: str
    role: str
    csrf: str


class SignOn(msgspec.Struct):
    """A login at another place."""

    label: str
    url: str


class LoginWays(msgspec.Struct):
    """How people log in here; `oidc` null: by password only. `password` false: at the provider only."""

    oidc: SignOn | None
    password: bool = True


class Account(msgspec.Struct):
    """The person who is logged in, as they see themselves. `password` false: they log in at another place only."""

    name: str
    role: Role
    sites: RoleOnSites
    password: bool
    totp: bool
    recovery_codes: int


class PasswordChange(msgspec.Struct):
    """A new password, by who knows the old one."""

    old: str
    new: str


class PasswordAgain(msgspec.Struct):
    """The password once more, before the second factor is changed."""

    password: str


class Code(msgspec.Struct):
    """A code of the authenticator app."""

    code: Annotated[str, Meta(max_length=100)]


class OfferedFactor(msgspec.Struct):
    """A second factor to set up: `uri` is what the QR code `svg` says; `secret` to type in by hand."""

    secret: str
    uri: str
    svg: str


class RecoveryCodes(msgspec.Struct):
    """Codes for the day the phone is lost, each for one login; shown this once."""

    recovery_codes: list[str]


class SessionShape(msgspec.Struct):
    """One login: from where, when it was seen last, and whether it is the one that asks."""

    id: str
    created: Ms
    expires: Ms
    seen: Ms
    address: str
    agent: str
    current: bool


class SessionPage(msgspec.Struct):
    """Logins that hold, the last seen first."""

    items: list[SessionShape]
    next: str | None = None


class UserShape(msgspec.Struct):
    """A user. `seen` 0: not logged in now; `password` false: logs in at another place only."""

    name: str
    role: Role
    sites: RoleOnSites
    created: Ms
    disabled: bool
    totp: bool
    password: bool
    seen: Ms


class UserPage(msgspec.Struct):
    """Users, by name."""

    items: list[UserShape]
    next: str | None = None


class UserPatch(msgspec.Struct):
    """What to change of a user; what is left out stays. `totp` can only be switched off, for a lost phone."""

    role: Role | None = None
    sites: dict[str, SiteRole] | None = None
    disabled: bool | None = None
    totp: Literal[False] | None = None


class PersonShape(msgspec.Struct):
    """Somebody with a role on a site. `everywhere`: their role comes from one on every site."""

    name: str
    role: SiteRole
    everywhere: bool
    disabled: bool


class PersonPage(msgspec.Struct):
    """People of a site, by name."""

    items: list[PersonShape]
    next: str | None = None


class PersonRole(msgspec.Struct):
    """A role on one site."""

    role: SiteRole


class NewInvitationRequest(msgspec.Struct):
    """Whom to invite: `role` on every site or `sites`, one by one. `name` empty: they choose it themselves."""

    role: Role = "member"
    sites: dict[str, SiteRole] = {}
    name: Annotated[str, Meta(max_length=200)] = ""
    days: Annotated[int, Meta(ge=1, le=90)] = 7


class InvitationShape(msgspec.Struct):
    """A link that is out: for a new user (`invitation`), a new password (`reset`), or one login (`login`)."""

    id: str
    kind: Literal["invitation", "reset", "login"]
    name: str
    role: Role
    sites: RoleOnSites
    made_by: str
    created: Ms
    expires: Ms


class NewInvitationShape(InvitationShape, kw_only=True):
    """A new link; `link` is shown this once."""

    link: str


class InvitationPage(msgspec.Struct):
    """Links that are out, the newest first."""

    items: list[InvitationShape]
    next: str | None = None


class LinkToken(msgspec.Struct):
    """What stands behind the number sign of a link."""

    token: Annotated[str, Meta(max_length=200)]


class LinkShape(msgspec.Struct):
    """What a link is for. `name` empty: choose one."""

    kind: Literal["invitation", "reset", "login"]
    name: str
    role: Role
    sites: RoleOnSites
    expires: Ms


class Acceptance(LinkToken):
    """A link used: the name to log in with, and the password."""

    name: str = ""
    password: str = ""


class Accepted(msgspec.Struct):
    """The name to log in with now."""

    name: str
