"""A tracking plan: what a site declares, as one file that a team keeps beside its code. Pure: text in, text out.

A plan says only what it names: a part that is left out is left alone. New parts are new fields of `Plan`.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Literal, cast

import msgspec
import yaml

from trackway.definition import Definition, check_definition
from trackway.errors import RequestRefused
from trackway.event import Refused, check_action
from trackway.rules import Rules, check_rules

PLAN_BYTES_MAX = 16 * 1024 * 1024


class RuleLists(msgspec.Struct, forbid_unknown_fields=True):
    """Rules as a plan writes them."""

    mode: str = "enforce"
    allow: list[str] = []
    deny: list[str] = []


class Plan(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What a plan holds. `definitions`: action → what is declared of it; a part that is None: left alone."""

    version: Literal[1] = 1
    declared_only: bool | None = None
    rules: dict[str, Any] | None = None
    definitions: dict[str, dict[str, Any]] | None = None

    def declared(self) -> list[Definition]:
        """Its definitions, checked. Raises RequestRefused(invalid_parameter) that names the action at fault."""
        return [read_definition(action, content) for action, content in (self.definitions or {}).items()]

    def ruled(self) -> Rules | None:
        """Its rules, checked; None where it names none. Raises RequestRefused(invalid_parameter)."""
        return None if self.rules is None else read_rules(self.rules)


def read_plan(text: str, trusted: bool = True) -> Plan:
    """The plan in a file's text, YAML or JSON. One that came over the network may have no aliases (`*name`), by which a
    short text becomes an endless one. Raises RequestRefused(invalid_parameter).
    """
    if len(text) > PLAN_BYTES_MAX:
        raise refused(f"The plan is over {PLAN_BYTES_MAX // 1024 // 1024} MiB.")
    try:
        is_json = text.lstrip().startswith("{")
        if not trusted and not is_json and has_aliases(text):
            raise refused("The plan has aliases (*name); write out what they stand for.")
        content = msgspec.json.decode(text) if is_json else yaml.safe_load(text)
        plan = msgspec.convert(content, Plan)
    except (yaml.YAMLError, msgspec.MsgspecError, RecursionError, ValueError) as error:
        raise refused(f"The plan cannot be read: {' '.join(str(error).split())}.") from error
    plan.declared()
    plan.ruled()
    return plan


def has_aliases(text: str) -> bool:
    """Whether YAML says something by `*name`. Raises yaml.YAMLError."""
    events = cast("Iterator[yaml.Event]", yaml.parse(text))  # pyright: ignore[reportUnknownMemberType]
    return any(isinstance(one, yaml.AliasEvent) for one in events)


def read_rules(content: dict[str, Any]) -> Rules:
    """What a plan says of the allowlist and the denylist."""
    try:
        rules = msgspec.convert(content, RuleLists)
        return check_rules(rules.mode, rules.allow, rules.deny)
    except (msgspec.MsgspecError, RequestRefused) as error:
        raise refused(f"rules: {error}", "rules") from error


def read_definition(action: str, content: dict[str, Any]) -> Definition:
    """What a plan says of one action."""
    try:
        check_action(action)
        return check_definition(msgspec.convert({"action": action, **content}, Definition))
    except (msgspec.MsgspecError, RequestRefused, Refused) as error:
        raise refused(f"definitions.{action}: {error}", f"definitions.{action}") from error


def write_plan(definitions: Sequence[Definition], declared_only: bool, rules: Rules, as_json: bool) -> str:
    """A plan as text: actions by name, what is at its default left out, so that changes can be compared."""
    plan = Plan(
        declared_only=declared_only,
        rules={"mode": rules.mode, "allow": list(rules.allow), "deny": list(rules.deny)},
        definitions={one.action: differing(one) for one in sorted(definitions, key=lambda one: one.action)},
    )
    content = {"version": plan.version, **msgspec.to_builtins(plan)}
    if as_json:
        return msgspec.json.format(msgspec.json.encode(content)).decode() + "\n"
    return yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=100)


def differing(definition: Definition) -> dict[str, Any]:
    """What is declared, without what is at its default."""
    plain = msgspec.structs.asdict(Definition(definition.action))
    return {name: value for name, value in msgspec.structs.asdict(definition).items() if value != plain[name]}


def plan_text(plan: Plan) -> str:
    """A plan as JSON text, with just the parts it names."""
    return msgspec.json.encode({"version": plan.version, **msgspec.to_builtins(plan)}).decode()


def refused(message: str, field: str | None = None) -> RequestRefused:
    """The refusal of a plan."""
    return RequestRefused("invalid_parameter", message, field)
