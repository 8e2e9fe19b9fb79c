"""What goes in and out of the routes of governance: rules, definitions, signing keys, the audit log."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from trackway.control.audit import Change
from trackway.definition import (
    DESCRIPTION_LENGTH_MAX,
    ICON_LENGTH_MAX,
    NAME_LENGTH_MAX,
    RETENTION_DAYS_MAX,
    TEMPLATE_LENGTH_MAX,
    Needs,
)
from trackway.insight.preview import PREVIEW_EVENTS, PREVIEW_EVENTS_MAX
from trackway.signing import KEY_TEXT_LENGTH_MAX, KID_LENGTH_MAX, Algorithm
from trackway.site_settings import Group, Kind
from trackway.web.shapes import Ms


class RulesShape(msgspec.Struct):
    """A site's rules: actions, or patterns with `*`. Deny wins over allow; an empty allowlist allows all."""

    mode: Literal["enforce", "report"] = "enforce"
    allow: list[str] = []
    deny: list[str] = []


class PreviewRequest(RulesShape):
    """Rules to try on the `last` events received. The mode makes no difference."""

    last: Annotated[int, Meta(ge=1, le=PREVIEW_EVENTS_MAX)] = PREVIEW_EVENTS


class PreviewExample(msgspec.Struct):
    """An event as proof: its id, when it was received, and what became of it."""

    id: str | None
    received: Ms
    was: str


class PreviewAction(msgspec.Struct):
    """What the rules would do with one action. `code` null: they let it pass; `rule`: the denylist's rule for it."""

    action: str
    code: Literal["denied", "not_allowed"] | None
    rule: str
    message: str
    count: int
    was: dict[str, int]
    """What became of these events: `stored`, `denied`, `not_allowed`."""
    examples: list[PreviewExample]


class PreviewShape(msgspec.Struct):
    """What proposed rules would have made of the last events received, had they been enforced."""

    received: int
    since: int | None
    """When the oldest of them was received; null where there are none."""
    accepted: int
    rejected: dict[str, int]
    """By reason, those refused for other reasons included."""
    actions: list[PreviewAction]
    """Actions the rules would refuse, and those they would let pass that were refused; the most frequent first."""


class MarkedAction(msgspec.Struct):
    """Stored events of one action that the rules would have refused."""

    action: str
    code: str
    count: int
    first: Ms
    last: Ms


class MarkedPage(msgspec.Struct):
    """Actions with events marked in report mode, the most frequent first."""

    items: list[MarkedAction]
    next: str | None = None


class NewDefinition(msgspec.Struct):
    """What to declare of an action. `label`: a template such as `Paid {{total}}`; `retention_days` null: the site's."""

    name: Annotated[str, Meta(max_length=NAME_LENGTH_MAX)] = ""
    description: Annotated[str, Meta(max_length=DESCRIPTION_LENGTH_MAX)] = ""
    icon: Annotated[str, Meta(max_length=ICON_LENGTH_MAX)] = ""
    label: Annotated[str, Meta(max_length=TEMPLATE_LENGTH_MAX)] = ""
    needs: Needs = "anonymous"
    schema: dict[str, Any] = {}
    retention_days: Annotated[int, Meta(ge=0, le=RETENTION_DAYS_MAX)] | None = None
    deprecated: bool = False


class ParamSeen(msgspec.Struct):
    """A param as the newest 1,000 events of its action show it; `share`: of those events that have it."""

    name: str
    types: list[str]
    share: float
    example: Any


class DefinitionShape(msgspec.Struct):
    """An action: what is declared of it, and what traffic shows. `similar`: the name that this one may be a slip of."""

    action: str
    name: str
    description: str
    icon: str
    label: str
    needs: Needs
    schema: dict[str, Any]
    retention_days: int | None
    deprecated: bool
    declared: bool
    built_in: bool
    volume: int
    first_seen: int | None
    last_seen: int | None
    similar: str | None
    params: list[ParamSeen]


class DefinitionPage(msgspec.Struct):
    """Actions, by name."""

    items: list[DefinitionShape]
    next: str | None = None


class NewPlan(msgspec.Struct):
    """A tracking plan to push: the file's text, YAML or JSON. `prune`: undeclare the actions that it does not name."""

    text: str
    prune: bool = False
    dry_run: bool = False


class PlanText(msgspec.Struct):
    """A tracking plan as a file holds it."""

    text: str


class PlanChangeShape(msgspec.Struct):
    """What a plan changes: actions by what becomes of them; `rules` and `declared_only` null where they stay."""

    declared: list[str]
    changed: list[str]
    undeclared: list[str]
    unchanged: int
    rules: RulesShape | None = None
    declared_only: bool | None = None


KeyText = Annotated[str, Meta(max_length=KEY_TEXT_LENGTH_MAX)]


class NewSigningKey(msgspec.Struct):
    """A key to add: one of `jwk`, `pem` (public keys) and `secret` (HS256). `kid` null: what the JWK names."""

    alg: Algorithm | None = None
    kid: Annotated[str, Meta(min_length=1, max_length=KID_LENGTH_MAX)] | None = None
    jwk: dict[str, Any] | None = None
    pem: KeyText | None = None
    secret: KeyText | None = None


class SigningKeyShape(msgspec.Struct):
    """A signing key; `jwk` is null for a shared secret, which is never shown."""

    id: str
    kid: str | None
    alg: Algorithm
    created: Ms
    active: bool
    jwk: dict[str, Any] | None


class SigningKeyPage(msgspec.Struct):
    """Signing keys, the oldest first."""

    items: list[SigningKeyShape]
    next: str | None = None


class AuthorShape(msgspec.Struct):
    """Who made a change. `name`: the user's name or the API key's id; empty for the command line and the server."""

    kind: Literal["user", "key", "command", "server"]
    name: str


class ChangeShape(msgspec.Struct):
    """A line of the audit log. `before` and `after`: what differs, never a secret; null: nothing was, or is, there."""

    number: int
    time: Ms
    who: AuthorShape
    site: str | None
    what: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


def show_change(change: Change) -> ChangeShape:
    """A line of the log as it is shown."""
    who = AuthorShape(*change.who)
    return ChangeShape(change.number, change.time, who, change.site, change.what, change.before, change.after)


class ChangePage(msgspec.Struct):
    """Changes, the newest first."""

    items: list[ChangeShape]
    next: str | None = None


class SettingShape(msgspec.Struct):
    """A setting that a site has. `choices` of a choice; `minimum` and `maximum` of a number, null: none."""

    name: str
    group: Group
    kind: Kind
    default: Any
    help: str
    choices: list[str]
    minimum: float | None
    maximum: float | None


class SettingPage(msgspec.Struct):
    """Settings, in their groups' order."""

    items: list[SettingShape]
    next: str | None = None
