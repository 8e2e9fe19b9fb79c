"""What a customer is known by beside a uuid, and the ids that are made of other facts. Pure.

An id made here is the same however often it is made: a load done again decides the same.
"""

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid5

import msgspec

IDENTIFIER_KINDS = ("customId", "email")
IDENTIFIER_LENGTH_MAX = 256
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
SESSION_END_NAMESPACE = UUID("5f1c9b1e-8a65-4d0c-9d8e-3c1f1c0f7a51")
CUSTOMER_NAMESPACE = UUID("0c7b7b0e-53a4-4f0b-8d39-6b6a4b0a1f10")


class Bearer(msgspec.Struct, frozen=True):
    """Whom a verified customer token names: by uuid, else by the customer's id at the site."""

    uuid: str
    custom_id: str


def identifiers_in(params: Mapping[str, Any]) -> dict[str, str]:
    """The identifiers that params name, as text; whole numbers are taken as text."""
    named = {kind: params.get(kind) for kind in IDENTIFIER_KINDS}
    texts = {kind: str(value) if type(value) is int else value for kind, value in named.items()}
    return {kind: str(value) for kind, value in texts.items() if is_identifier(value)}


def folded(identifiers: Mapping[str, str]) -> dict[str, str]:
    """Identifiers as they are compared: e-mail addresses without regard to case."""
    return {kind: value.lower() if kind == "email" else value for kind, value in identifiers.items()}


def is_identifier(value: Any) -> bool:
    """Whether a value can stand for a customer."""
    return isinstance(value, str) and 0 < len(value) <= IDENTIFIER_LENGTH_MAX and not UNSTORABLE.search(value)


def session_end_id(session: str) -> str:
    """The id of a session's end: the same however often it is made."""
    return str(uuid5(SESSION_END_NAMESPACE, session))


def customer_uuid(site: str, identifiers: Mapping[str, str], device: str = "") -> str:
    """The uuid of a customer first heard of without a device of their own, from their strongest identifier.

    `device`: another one for each device, where the first was erased.
    """
    kind = next(kind for kind in IDENTIFIER_KINDS if kind in identifiers)
    where = f"{site}\n{device}" if device else site
    return str(uuid5(CUSTOMER_NAMESPACE, f"{where}\n{kind}\n{identifiers[kind]}"))
