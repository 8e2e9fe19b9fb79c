"""A definition: what a site has declared about one action, and whether an event keeps to it. Pure.

A schema (JSON Schema, 2020-12 unless it names another draft) is compiled once. It is the work of people, but of one
site's on a server of several: so it refers to nothing outside itself, its patterns run in linear time, and what it
comes to with all its references is bounded.
"""

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import islice
from typing import Any, Literal, NamedTuple, cast

import jsonschema_rs
import msgspec

from trackway.actions import BUILT_IN
from trackway.errors import RequestRefused

Needs = Literal["anonymous", "token", "server"]
DEFINITIONS_MAX = 1_000
NAME_LENGTH_MAX = 100
DESCRIPTION_LENGTH_MAX = 2_000
ICON_LENGTH_MAX = 64
TEMPLATE_LENGTH_MAX = 256
SCHEMA_BYTES_MAX = 16 * 1024
SCHEMA_PARTS_MAX = 2_000
SCHEMA_DEPTH_MAX = 32
RETENTION_DAYS_MAX = 36_500
FAULTS_LOOKED_AT = 50
MESSAGE_LENGTH_MAX = 200
SCHEMAS_COMPILED_MAX = 10_000
ELSEWHERE = frozenset({"$id", "$dynamicRef", "$recursiveRef", "$anchor", "$dynamicAnchor", "$recursiveAnchor"})


class Definition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is declared of one action. Empty texts: nothing; `retention_days` None: the site's, 0: for ever."""

    action: str
    name: str = ""
    description: str = ""
    icon: str = ""
    label: str = ""
    needs: Needs = "anonymous"
    schema: dict[str, Any] = {}
    retention_days: int | None = None
    deprecated: bool = False


class Fault(NamedTuple):
    """Why an event does not keep to what is declared: a rejection code, a message, the field at fault."""

    code: Literal["token_required", "server_only", "param_missing", "param_type", "undeclared"]
    message: str
    field: str


class Sent(NamedTuple):
    """How an event came: by an API key's holder, or with a customer token."""

    from_server: bool
    authenticated: bool


class Catalogue:
    """A site's definitions, ready to judge by. Made anew whenever they change."""

    def __init__(self, definitions: Iterable[Definition], declared_only: bool = False) -> None:
        self._by_action = {
            one.action: (one, compile_schema(json.dumps(one.schema)) if one.schema else None) for one in definitions
        }
        self._declared_only = declared_only

    def __bool__(self) -> bool:
        """Whether there is anything to judge by."""
        return bool(self._by_action) or self._declared_only

    def needing(self, needs: Needs) -> list[str]:
        """The actions declared to need that."""
        return [definition.action for definition, *_ in self._by_action.values() if definition.needs == needs]

    def get(self, action: str) -> Definition | None:
        """What is declared of an action."""
        found = self._by_action.get(action)
        return found[0] if found else None

    def fault(self, action: str, params: Mapping[str, Any], sent: Sent) -> Fault | None:
        """Why an event may not be taken; None when it may. `params` are those that would be stored."""
        found = self._by_action.get(action)
        if found is None:
            if self._declared_only and action not in BUILT_IN:
                return Fault("undeclared", f"This site takes declared actions only, and {action} is none.", "action")
            return None
        definition, validator = found
        if not sent.from_server:  # the holder of an API key is the site itself, and needs no more proof
            if definition.needs == "server":
                return Fault("server_only", f"{action} may be sent with an API key only.", "action")
            if definition.needs == "token" and not sent.authenticated:
                return Fault("token_required", f"{action} needs a customer token.", "action")
        if validator is None or validator.is_valid(params):
            return None
        return fault_of(action, islice(validator.iter_errors(params), FAULTS_LOOKED_AT))


def fault_of(action: str, errors: Iterable[jsonschema_rs.ValidationError]) -> Fault:
    """The fault to answer: what is missing before what is wrong. Values are never repeated."""
    found: Fault | None = None
    for error in errors:
        where = "params" + "".join(f"[{one}]" if isinstance(one, int) else f".{one}" for one in error.instance_path)
        kind: Any = error.kind
        if kind.name == "required":
            where = f"{where}.{kind.property}"[:MESSAGE_LENGTH_MAX]
            return Fault("param_missing", f"{action} needs {where}.", where)
        message = f"{where} of {action} is not as declared: {error.message}"[:MESSAGE_LENGTH_MAX]
        found = found or Fault("param_type", f"{message}.", where[:MESSAGE_LENGTH_MAX])
    return found or Fault("param_type", f"The params of {action} are not as declared.", "params")


@lru_cache(SCHEMAS_COMPILED_MAX)
def compile_schema(text: str) -> jsonschema_rs.Validator:
    """A schema's validator. Raises RequestRefused(invalid_parameter) for what is no schema."""
    try:
        return jsonschema_rs.validator_for(
            json.loads(text), mask="the value", pattern_options=jsonschema_rs.RegexOptions(), offline=True
        )
    except (ValueError, jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError) as error:
        why = str(error).partition("\n")[0][:MESSAGE_LENGTH_MAX]
        raise refused(f"The schema is no JSON Schema that can be used: {why}.", "schema") from error


def check_definition(definition: Definition) -> Definition:
    """A definition within its limits. Raises RequestRefused(invalid_parameter) that names the field at fault."""
    lengths = {
        "name": NAME_LENGTH_MAX,
        "description": DESCRIPTION_LENGTH_MAX,
        "icon": ICON_LENGTH_MAX,
        "label": TEMPLATE_LENGTH_MAX,
    }
    for field, most in lengths.items():
        if len(getattr(definition, field)) > most:
            raise refused(f"{field} has at most {most:,} characters.", field)
    days = definition.retention_days
    if days is not None and not 0 <= days <= RETENTION_DAYS_MAX:
        raise refused(f"retention_days must be from 0 (for ever) to {RETENTION_DAYS_MAX:,}, or null.", "retention_days")
    if definition.schema:
        check_schema(definition.schema)
    return definition


def check_schema(schema: dict[str, Any]) -> None:
    """A schema that can be compiled, and is cheap to check by."""
    weigh(schema, schema, {}, 0)
    text = json.dumps(schema)
    if len(text) > SCHEMA_BYTES_MAX:
        raise refused(f"The schema has {len(text):,} bytes; at most {SCHEMA_BYTES_MAX:,}.", "schema")
    compile_schema(text)


def weigh(part: Any, whole: dict[str, Any], known: dict[str, int | None], depth: int) -> int:
    """How many parts a schema comes to with all its references followed."""
    if depth > SCHEMA_DEPTH_MAX:
        raise refused(f"The schema nests deeper than {SCHEMA_DEPTH_MAX} levels.", "schema")
    total = 1
    if isinstance(part, list):
        total += sum(weigh(one, whole, known, depth + 1) for one in cast("list[Any]", part))
    elif isinstance(part, dict):
        for name, value in cast("dict[str, Any]", part).items():
            if name in ELSEWHERE:
                raise refused(f"{name} is not taken; refer to parts of the schema by #/…", "schema")
            total += (
                weigh_reference(value, whole, known, depth) if name == "$ref" else weigh(value, whole, known, depth + 1)
            )
    if total > SCHEMA_PARTS_MAX:
        raise refused(f"The schema comes to over {SCHEMA_PARTS_MAX:,} parts with its references followed.", "schema")
    return total


def weigh_reference(target: Any, whole: dict[str, Any], known: dict[str, int | None], depth: int) -> int:
    """What a $ref comes to. It must point into the schema, and not round in a circle."""
    if not isinstance(target, str) or not target.startswith("#/"):
        raise refused("A $ref must point into the schema itself, such as #/$defs/price.", "schema")
    if target not in known:
        known[target] = None
        known[target] = weigh(resolve(target, whole), whole, known, depth + 1)
    weight = known[target]
    if weight is None:
        raise refused(f"The schema refers to itself in a circle at {target[:100]}.", "schema")
    return weight


def resolve(target: str, whole: Any) -> Any:
    """The part of a schema that a JSON Pointer (RFC 6901) names."""
    part = whole
    for step in target[2:].split("/"):
        name = step.replace("~1", "/").replace("~0", "~")
        if not isinstance(part, dict) or name not in part:
            raise refused(f"There is nothing at {target[:100]} in the schema.", "schema")
        part = cast("dict[str, Any]", part)[name]
    return part


def refused(message: str, field: str) -> RequestRefused:
    """The refusal of a definition."""
    return RequestRefused("invalid_parameter", message, field)
