"""The event: what a valid one is, and what becomes of each one received. Pure: no clock, no I/O.

An event has three shapes, converted in one place each: as sent (a dict, judged here), as spooled (`Event`), as
stored (`store/row.py`). Every event received ends in exactly one verdict: stored, duplicate or rejected(reason).
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal, TypeGuard, cast, get_args

import msgspec

from trackway.actions import BUILT_IN, TEXT, BuiltIn
from trackway.definition import Catalogue, Sent
from trackway.identifier import IDENTIFIER_KINDS, UNSTORABLE, Bearer, identifiers_in, is_identifier

ACTION_LENGTH_MAX = 32
LABEL_LENGTH_MAX = 256
PARAM_KEYS_MAX = 256
PARAM_KEY_LENGTH_MAX = 128
PARAM_DEPTH_MAX = 5
EVENT_BYTES_MAX = 32 * 1024
EVENT_BYTES_BESIDE_PARAMS = 4 * 1024  # more than label, ids, action and identifiers can take
ACTIONS_REMEMBERED = 4_096
FUTURE_MS_MAX = 5 * 60 * 1000
TIME_MS_MIN = -62_135_596_800_000  # 0001-01-01, the first instant ISO 8601 and datetime can name
TIME_MS_MAX = 253_402_300_799_999  # 9999-12-31

Reason = Literal[
    "action_missing",
    "action_invalid",
    "action_too_long",
    "label_invalid",
    "time_invalid",
    "time_too_old",
    "uuid_missing",
    "uuid_invalid",
    "id_invalid",
    "params_invalid",
    "params_too_large",
    "param_missing",
    "param_type",
    "denied",
    "not_allowed",
    "token_required",
    "server_only",
    "undeclared",
    "event_invalid",
]
REASONS: tuple[Reason, ...] = get_args(Reason)
Source = Literal["web", "mobile", "server", "import", "system"]

ACTION = re.compile(r"[a-zA-Z0-9.\-_]+\Z")
CONTEXT_ACTIVITY = re.compile(r"[^.]\..*[^.]")
UUID_TEXT = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\Z")
encode_json = msgspec.json.Encoder().encode

PLAIN = frozenset({str, int, float, bool})


class Event(msgspec.Struct, omit_defaults=True, gc=False):
    """A valid event as the spool keeps it.

    `uuid` is empty only while `customer` (server route, or a token's sub) is unresolved, and beside one it is the
    device's; `time` None: when it was received;
    `told` when the caller named the time in `params.time`, so that it is no reading of the device's clock;
    `would_reject`: the reason the site's rules would have refused it for, were they not in report mode.
    """

    id: str
    action: str
    uuid: str
    params: msgspec.Raw
    time: int | None = None
    told: bool = False
    label: str = ""
    session: str = ""
    seq: int | None = None
    customer: dict[str, str] | None = None
    would_reject: str = ""


class Rejection(msgspec.Struct, omit_defaults=True, gc=False):
    """Why an event was not taken: its place in the request, the reason, and the field at fault."""

    index: int
    id: str | None
    code: Reason
    message: str
    field: str | None = None


class Refused(Exception):
    """Raised while judging one event; becomes a Rejection in one place (`judge`)."""

    def __init__(self, code: Reason, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.code: Reason = code
        self.message = message
        self.field = field


class Defaults(msgspec.Struct, frozen=True):
    """What a request says for all of its events, and where it came in."""

    uuid: Any = None
    context: Mapping[str, Any] = {}
    from_server: bool = False
    clean_text: bool = False
    """True when no string of the body can hold a NUL or a lone surrogate: it has no \\u escape."""
    seen_uuids: dict[str, str] = {}
    """UUIDs of this request found valid: as given, and in lower case."""

    plain: bool = False
    """Whether an event's params can be kept as they are when they are flat: clean text, finite numbers, no context."""
    catalogue: Catalogue | None = None
    """What the site has declared about its actions; None where it has declared nothing."""
    bearer: Bearer | None = None
    """The customer that a verified token says all events of the request belong to."""


def judge(raw: Any, index: int, defaults: Defaults, new_id: str) -> Event | Rejection:
    """Decide one event: the Event to keep, or the Rejection to answer. `new_id` is used when it has none."""
    try:
        return accept(raw, defaults, new_id)
    except Refused as refused:
        field = f"events[{index}].{refused.field}" if refused.field else f"events[{index}]"
        return Rejection(index, claimed_id(raw), refused.code, refused.message, field)


def claimed_id(raw: Any) -> str | None:
    """The id that a refused event gave itself, when it is one."""
    given = cast("dict[str, Any]", raw).get("id") if type(raw) is dict else None
    return given.lower() if isinstance(given, str) and UUID_TEXT.match(given) else None


def accept(raw: Any, defaults: Defaults, new_id: str) -> Event:
    """The Event in `raw`. Raises Refused with the first thing that is wrong."""
    if type(raw) is not dict:
        raise Refused("event_invalid", "An event must be a JSON object.")
    get = cast("dict[str, Any]", raw).get
    action = check_action(get("action"))
    given_params = get("params")
    params = given_params if defaults.plain and is_flat(given_params) else check_params(given_params, defaults)
    built_in = BUILT_IN.get(action)
    if built_in is not None:
        check_built_in(action, built_in, params, defaults)
    time, told = pick_time(get("time"), params, built_in is None)
    if told:
        params = {name: value for name, value in params.items() if name != "time"}
    if defaults.catalogue is not None:
        check_declared(defaults.catalogue, action, params, defaults)
    uuid, customer = pick_customer(get, defaults)
    given_id, label, session, seq = get("id"), get("label"), get("session"), get("seq")
    event = Event(
        id=new_id if given_id is None else check_uuid(given_id, "id_invalid", "id"),
        action=action,
        uuid=uuid,
        params=msgspec.Raw(encode_json(params)),
        time=time,
        told=told,
        label="" if label is None else check_label(label, defaults),
        session="" if session is None else check_shared_uuid(session, "event_invalid", "session", defaults),
        seq=None if seq is None else check_seq(seq),
        customer=customer,
    )
    if len(event.params) > EVENT_BYTES_MAX - EVENT_BYTES_BESIDE_PARAMS:
        check_size(event)
    return event


def check_action(action: Any) -> str:
    """Contract 2: 1-32 characters of a closed set, with a dot that has something on both sides."""
    if not isinstance(action, str):
        if action is None:
            raise Refused("action_missing", "An event needs an action such as product.view.", "action")
        raise Refused("action_invalid", "The action must be text such as product.view.", "action")
    if len(action) > ACTION_LENGTH_MAX:  # not remembered: long ones would fill the memory
        message = f"The action has {len(action)} characters; at most {ACTION_LENGTH_MAX}."
        raise Refused("action_too_long", message, "action")
    fault = action_fault(action)
    if fault is not None:
        raise Refused(fault[0], fault[1], "action")
    return action


@lru_cache(ACTIONS_REMEMBERED)
def action_fault(action: str) -> tuple[Reason, str] | None:
    """What is wrong with an action; a site has few of them, so each is looked at once."""
    if not action:
        return "action_missing", "An event needs an action such as product.view."
    if not ACTION.match(action):
        return "action_invalid", "The action may hold letters, digits, dots, hyphens and underscores only."
    if not CONTEXT_ACTIVITY.search(action):
        return "action_invalid", "The action must be of the form context.activity."
    return None


def pick_customer(get: Callable[[str], Any], defaults: Defaults) -> tuple[str, dict[str, str] | None]:
    """The event's uuid; or, on the server route, no uuid yet and the identifiers given in its place.

    A token's customer comes before both: its uuid, or the device's uuid beside the customer's id.
    """
    given = get("uuid")
    if defaults.bearer is not None:
        return pick_bearer(defaults.uuid if given is None else given, defaults.bearer, defaults)
    if given is None:
        customer = check_customer(get("customer")) if defaults.from_server else None
        if customer:
            return "", customer
        given = defaults.uuid
    return check_shared_uuid(given, "uuid_invalid", "uuid", defaults), None


def pick_bearer(given: Any, bearer: Bearer, defaults: Defaults) -> tuple[str, dict[str, str] | None]:
    """Whose event it is by a token; a uuid given must be one all the same."""
    device = "" if given is None else check_shared_uuid(given, "uuid_invalid", "uuid", defaults)
    return (bearer.uuid, None) if bearer.uuid else (device, {"customId": bearer.custom_id})


def check_shared_uuid(given: Any, code: Reason, field: str, defaults: Defaults) -> str:
    """A UUID that the other events of a request most often have as well: looked at once."""
    if type(given) is not str:
        return check_uuid(given, code, field)
    known = defaults.seen_uuids.get(given)
    if known is None:
        known = defaults.seen_uuids[given] = check_uuid(given, code, field)
    return known


def check_uuid(given: Any, code: Reason, field: str) -> str:
    """A UUID in its usual written form, lower case."""
    if given is None and field == "uuid":
        raise Refused("uuid_missing", "An event needs the uuid of the customer that generated it.", field)
    if not isinstance(given, str) or not UUID_TEXT.match(given):
        raise Refused(code, f"{field} must be a UUID such as 0192f0c4-7d7a-7cc3-a1b2-3c4d5e6f7081.", field)
    return given.lower()


def check_label(label: Any, defaults: Defaults) -> str:
    """A label within its limits."""
    if not isinstance(label, str) or len(label) > LABEL_LENGTH_MAX:
        raise Refused("label_invalid", f"The label must be text of at most {LABEL_LENGTH_MAX} characters.", "label")
    if not defaults.clean_text and UNSTORABLE.search(label):
        raise Refused("label_invalid", "The label holds a NUL or half of a surrogate pair.", "label")
    return label


def check_seq(seq: Any) -> int:
    """The client's own counter, a whole number from 0 to 2^63-1."""
    if type(seq) is not int or not 0 <= seq < 2**63:
        raise Refused("event_invalid", "seq must be a whole number from 0.", "seq")
    return seq


def check_customer(given: Any) -> dict[str, str] | None:
    """The identifiers a back office knows a customer by, in place of a uuid."""
    if given is None:
        return None
    named = cast("dict[str, Any]", given) if type(given) is dict else {}
    found = {kind: named[kind] for kind in IDENTIFIER_KINDS if is_identifier(named.get(kind))}
    if not found:
        wanted = 'customer must be {"customId": "…"} or {"email": "…"}, or give a uuid.'
        raise Refused("uuid_missing", wanted, "customer")
    return found


def check_params(params: Any, defaults: Defaults) -> dict[str, Any]:
    """Params with the request's context merged under them; nulls dropped; limits of contract 2 held."""
    if params is None:
        params = {}
    if type(params) is not dict:
        raise Refused("params_invalid", "params must be a JSON object.", "params")
    checked = clean_object(params, 1, defaults.clean_text)  # pyright: ignore[reportUnknownArgumentType]
    if not defaults.context:
        return checked
    merged = {**clean_object(defaults.context, 1, defaults.clean_text), **checked}
    if len(merged) > PARAM_KEYS_MAX:
        raise Refused("params_too_large", f"params and context have over {PARAM_KEYS_MAX} keys.", "params")
    return merged


def is_flat(params: Any) -> TypeGuard[dict[str, Any]]:
    """Whether params, in a body without escapes, are such that nothing more can be wrong with them. Most are."""
    if type(params) is not dict:
        return False
    flat = cast("dict[str, Any]", params)
    return (
        PLAIN.issuperset(map(type, flat.values()))
        and len(flat) <= PARAM_KEYS_MAX
        and max(map(len, flat), default=0) <= PARAM_KEY_LENGTH_MAX
    )


def clean_object(value: Mapping[str, Any], depth: int, clean_text: bool) -> dict[str, Any]:
    """One object of params, checked, without its nulls. The depth of `params` itself is 1."""
    if depth > PARAM_DEPTH_MAX:
        raise Refused("params_too_large", f"params nest deeper than {PARAM_DEPTH_MAX} levels.", "params")
    if len(value) > PARAM_KEYS_MAX:
        raise Refused("params_too_large", f"params have over {PARAM_KEYS_MAX} keys.", "params")
    if value and max(map(len, value)) > PARAM_KEY_LENGTH_MAX:
        raise Refused("params_too_large", f"A param's name is over {PARAM_KEY_LENGTH_MAX} characters.", "params")
    if not clean_text:
        check_text("".join(value))
    return {key: clean_value(item, depth, clean_text) for key, item in value.items() if item is not None}


def clean_value(item: Any, depth: int, clean_text: bool) -> Any:
    """A value of params that may hold others, or a number that JSON cannot carry back."""
    if type(item) is dict:
        return clean_object(item, depth + 1, clean_text)  # pyright: ignore[reportUnknownArgumentType]
    if type(item) is list:
        if depth + 1 > PARAM_DEPTH_MAX:
            raise Refused("params_too_large", f"params nest deeper than {PARAM_DEPTH_MAX} levels.", "params")
        return [clean_value(one, depth + 1, clean_text) for one in item if one is not None]  # pyright: ignore[reportUnknownVariableType]
    if type(item) is str and not clean_text:
        check_text(item)
    if type(item) is float and item - item != 0.0:
        raise Refused("params_invalid", "A number in params is too large for JSON.", "params")
    return item


def check_text(text: str) -> None:
    """Refuse what no store can keep as text."""
    if UNSTORABLE.search(text):
        raise Refused("params_invalid", "params hold a NUL or half of a surrogate pair.", "params")


def check_built_in(action: str, built_in: BuiltIn, params: Mapping[str, Any], defaults: Defaults) -> None:
    """The params a built-in action must have, and who may send it."""
    if built_in.server_only and not defaults.from_server:
        raise Refused("server_only", f"{action} is made by the server.", "action")
    for name, kinds in built_in.required:
        value = params.get(name)
        if value is None:
            raise Refused("param_missing", f"{action} needs the param {name}.", f"params.{name}")
        if type(value) not in kinds:
            wanted = "text" if kinds is TEXT else "a number"
            raise Refused("param_type", f"The param {name} of {action} must be {wanted}.", f"params.{name}")
    if action == "client.identify" and not identifiers_in(params):
        raise Refused("param_missing", "client.identify needs customId or email.", "params.customId")


def check_declared(catalogue: Catalogue, action: str, params: Mapping[str, Any], defaults: Defaults) -> None:
    """What the site has declared about the action."""
    fault = catalogue.fault(action, params, Sent(defaults.from_server, defaults.bearer is not None))
    if fault is not None:
        raise Refused(*fault)


def pick_time(time: Any, params: dict[str, Any], custom: bool) -> tuple[int | None, bool]:
    """When it happened, and whether `params.time` told so: on a custom event it does, and leaves the params."""
    if custom and "time" in params:
        return check_time(params["time"], "params.time"), True
    return None if time is None else check_time(time, "time"), False


def check_time(given: Any, field: str) -> int:
    """Epoch milliseconds from a whole number, or from ISO 8601 with a zone."""
    if type(given) is float and given.is_integer():
        given = int(given)
    if type(given) is str:
        given = parse_iso(given)
    if type(given) is not int or not TIME_MS_MIN <= given <= TIME_MS_MAX:
        raise Refused(
            "time_invalid", "time must be whole epoch milliseconds, or ISO 8601 with a zone such as Z.", field
        )
    return given


def parse_iso(text: str) -> int | None:
    """Epoch milliseconds of an ISO 8601 text, None where it is none or has no zone."""
    try:
        parsed = datetime.fromisoformat(text)
        return None if parsed.tzinfo is None else int(parsed.timestamp() * 1000 // 1)
    except (ValueError, OverflowError):
        return None


def check_size(event: Event) -> None:
    """The whole event, as it is kept, within 32 KiB."""
    size = len(msgspec.json.encode(event))
    if size > EVENT_BYTES_MAX:
        raise Refused("params_too_large", f"The event has {size} bytes; at most {EVENT_BYTES_MAX}.", "params")
