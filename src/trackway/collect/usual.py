"""The usual request, decoded and checked in C: an envelope whose events are all as an SDK sends them.

Most requests are like that. Whatever is not takes the whole way (`decode` and `event.judge`), which alone refuses,
mends and explains; this one only says yes, or that it cannot tell. A property test holds both ways to the same record.
"""

import re
from typing import Annotated, Any

import msgspec

from trackway.actions import BUILT_IN
from trackway.collect.decode import DROPPED_MAX
from trackway.event import (
    ACTION_LENGTH_MAX,
    EVENT_BYTES_BESIDE_PARAMS,
    EVENT_BYTES_MAX,
    LABEL_LENGTH_MAX,
    PARAM_KEY_LENGTH_MAX,
    PARAM_KEYS_MAX,
    TIME_MS_MAX,
    TIME_MS_MIN,
    action_fault,
    encode_json,
)

PARAMS_BYTES_MAX = EVENT_BYTES_MAX - EVENT_BYTES_BESIDE_PARAMS
SMALL_BODY_BYTES_MAX = PARAMS_BYTES_MAX // 3
"""No event of such a body can be too large: written anew, a flat object grows to less than three times its length, by
numbers such as 1e15."""
NO_CONTEXT: tuple[Any, ...] = (None, {})
UUID_WITH_COMMA = 37
SEQ_MAX = 2**63 - 1
LOWER_UUIDS = re.compile(r"(?:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12},)*\Z")

Label = Annotated[str, msgspec.Meta(max_length=LABEL_LENGTH_MAX)]
Milliseconds = Annotated[int, msgspec.Meta(ge=TIME_MS_MIN, le=TIME_MS_MAX)]
Count = Annotated[int, msgspec.Meta(ge=0, le=SEQ_MAX)]
Name = Annotated[str, msgspec.Meta(max_length=PARAM_KEY_LENGTH_MAX)]
Params = Annotated[dict[Name, str | int | float | bool], msgspec.Meta(max_length=PARAM_KEYS_MAX)]


class UsualEvent(msgspec.Struct, omit_defaults=True, gc=False):
    """An event as `event.Event` keeps it, with its params decoded; written to JSON, the two are the same."""

    id: str
    action: str
    params: Params
    uuid: str | None = None
    time: Milliseconds | None = None
    label: Label = ""
    session: str = ""
    seq: Count | None = None


class UsualBatch(msgspec.Struct, gc=False):
    """A request that may be a usual one: `are_usual` says whether its events are. The fields are those of `Batch`."""

    events: list[UsualEvent]
    key: str | None = None
    uuid: str | None = None
    context: Any = None
    sent: Annotated[int, msgspec.Meta(gt=0, lt=2**53)] | None = None
    source: str | None = None
    token: str | None = None
    dropped: Annotated[int, msgspec.Meta(ge=0, le=DROPPED_MAX)] = 0


_decoder = msgspec.json.Decoder(UsualBatch)


def decode_usual(body: bytes, events_max: int) -> UsualBatch | None:
    """The batch in a body, None where only the whole way can tell. Escapes may hide what cannot be stored."""
    if b"\\" in body:
        return None
    try:
        batch = _decoder.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ValueError):
        return None  # the whole way says what is wrong
    if batch.context not in NO_CONTEXT or batch.token or len(batch.events) > events_max:
        return None
    return batch


def are_usual(batch: UsualBatch, from_server: bool, body_bytes: int) -> bool:
    """Whether all events are valid just as they are. Fills in the envelope's uuid where an event has none."""
    uuids: list[str] = []
    shared: set[str] = set()
    for event in batch.events:
        if event.uuid is None:
            if batch.uuid is None or from_server:  # there, `customer` may stand in its place
                return False
            event.uuid = batch.uuid
        shared.add(event.uuid)
        if event.session:
            shared.add(event.session)
        uuids.append(event.id)
        if not is_action_with(event.action, event.params):
            return False
    uuids.extend(shared)
    uuids.append("")
    joined = ",".join(uuids)
    if len(joined) != UUID_WITH_COMMA * (len(uuids) - 1) or LOWER_UUIDS.match(joined) is None:
        return False
    return body_bytes <= SMALL_BODY_BYTES_MAX or all(
        len(encode_json(event.params)) <= PARAMS_BYTES_MAX for event in batch.events
    )


def is_action_with(action: str, params: dict[str, str | int | float | bool]) -> bool:
    """Whether an action is one, and its params are enough for it and do not name its time."""
    if len(action) > ACTION_LENGTH_MAX or action_fault(action) is not None:
        return False
    built_in = BUILT_IN.get(action)
    if built_in is None:
        return "time" not in params
    if built_in.server_only or action == "client.identify":
        return False
    for name, kinds in built_in.required:  # noqa: SIM110 - a generator would take as long as all the rest
        if type(params.get(name)) not in kinds:
            return False
    return True
