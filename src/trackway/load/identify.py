"""Who an event is of, and what it says about who is who. Pure: what is known is asked of a `Known`, what is decided is
collected as changes, and nothing is written here.

A customer is named by a uuid: of the device first seen, or one made of an identifier. Two identifiers of one kind that
differ are two people: a device that names another than its own is switched to them from that moment on, and never joins
the two. Where nothing differs, the device's history follows: it is merged. docs/concepts.md tells the cases.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, Protocol

import msgspec

from trackway.books.people import PARTS_MAX, Change, Identified, Merged, Switched, Why
from trackway.books.register import Key
from trackway.identifier import IDENTIFIER_KINDS, customer_uuid

NOBODY = ""
"""Whose an event is that is of somebody erased; so is a device's time with them."""
LAST = "\uffff"


class Claim(msgspec.Struct, frozen=True):
    """What one event says about who it is of. `identifiers` are those that may join, the e-mail in lower case.

    `uuid` is empty where a server named nobody's device.
    """

    site: str
    uuid: str
    identifiers: dict[str, str]
    why: Why
    time: int
    position: int
    event: str


class Known(Protocol):
    """What is known before a load; the register."""

    def owner(self, key: Key, /) -> str | None:
        """The customer that an identifier is known of."""
        ...

    def whole(self, site: str, customer: str, /) -> str:
        """The customer that this one is part of."""
        ...

    def parts(self, site: str, whole: str, /) -> list[str]:
        """All customers that a whole is made of."""
        ...

    def identifiers(self, site: str, customers: Iterable[str], /) -> list[dict[str, Any]]:
        """What customers are known by."""
        ...

    def line(self, site: str, uuid: str, /) -> list[tuple[int, int, str]]:
        """From when on a device is whose."""
        ...

    def are_apart(self, site: str, some: Iterable[str], others: Iterable[str], /) -> bool:
        """Whether a merge between these was undone."""
        ...


class Names(NamedTuple):
    """The identifiers of a whole, by kind."""

    custom_ids: frozenset[str]
    emails: frozenset[str]


class Draft:
    """What is known, and what this load has changed of it so far."""

    def __init__(self, known: Known, is_erased: Callable[[str, str], bool] = lambda site, customer: False) -> None:
        self._known = known
        self.is_erased = is_erased
        self._owners: dict[Key, str | None] = {}
        self._wholes: dict[tuple[str, str], str] = {}
        self._parts: dict[tuple[str, str], list[str]] = {}
        self._names: dict[tuple[str, str], Names] = {}
        self._lines: dict[tuple[str, str], list[tuple[int, int, str]]] = {}
        self.changes: list[Change] = []

    def owner(self, key: Key) -> str | None:
        """The customer that an identifier is known of."""
        if key not in self._owners:
            self._owners[key] = self._known.owner(key)
        return self._owners[key]

    def whole(self, site: str, customer: str) -> str:
        """The customer that this one is part of."""
        if (site, customer) not in self._wholes:
            self._wholes[site, customer] = self._known.whole(site, customer)
        return self._wholes[site, customer]

    def parts(self, site: str, whole: str) -> list[str]:
        """All customers that a whole is made of."""
        if (site, whole) not in self._parts:
            self._parts[site, whole] = self._known.parts(site, whole)
        return self._parts[site, whole]

    def names(self, site: str, whole: str) -> Names:
        """What a whole is known by."""
        if (site, whole) not in self._names:
            found = self._known.identifiers(site, self.parts(site, whole))
            values = {
                kind: frozenset(row["value"] for row in found if row["kind"] == kind) for kind in IDENTIFIER_KINDS
            }
            self._names[site, whole] = Names(values["customId"], values["email"])
        return self._names[site, whole]

    def holder(self, site: str, uuid: str, time: int, position: int) -> str:
        """Whose a device is at a time: NOBODY's where they were erased, its own before it was ever switched."""
        line = self.line(site, uuid)
        at = bisect_right(line, (time, position, LAST)) if line else 0
        return line[at - 1][2] if at else uuid

    def line(self, site: str, uuid: str) -> list[tuple[int, int, str]]:
        """From when on a device is whose."""
        if (site, uuid) not in self._lines:
            self._lines[site, uuid] = list(self._known.line(site, uuid))
        return self._lines[site, uuid]

    def can_merge(self, site: str, one: str, other: str) -> bool:
        """Whether two wholes may become one: not where that was undone before, or there would be too many parts."""
        mine, theirs = self.parts(site, one), self.parts(site, other)
        return len(mine) + len(theirs) <= PARTS_MAX and not self._known.are_apart(site, mine, theirs)

    def identify(self, claim: Claim, kind: str, customer: str) -> None:
        """Note an identifier of the claim."""
        value = claim.identifiers[kind]
        whole = self.whole(claim.site, customer)
        names = self.names(claim.site, whole)
        more = {"customId": names.custom_ids, "email": names.emails}
        more[kind] |= {value}
        self._names[claim.site, whole] = Names(more["customId"], more["email"])
        self._owners[claim.site, kind, value] = customer
        self.changes.append(Identified(claim.site, kind, value, customer, claim.time, claim.event))

    def switch(self, claim: Claim, customer: str) -> None:
        """Note that the claim's device is another's from then on."""
        line = self.line(claim.site, claim.uuid)
        line.append((claim.time, claim.position, customer))
        line.sort()
        self.changes.append(Switched(claim.site, claim.uuid, claim.time, claim.position, customer, claim.event))

    def merge(self, claim: Claim, one: str, into: str) -> None:
        """Note that two wholes are one."""
        site = claim.site
        mine, theirs = self.names(site, one), self.names(site, into)
        self._names[site, into] = Names(mine.custom_ids | theirs.custom_ids, mine.emails | theirs.emails)
        for part in self.parts(site, one):
            self._wholes[site, part] = into
        self._parts[site, into] = [*self.parts(site, into), *self.parts(site, one)]
        self.changes.append(Merged(site, one, into, claim.time, claim.why, claim.event))


NO_NAMES = Names(frozenset(), frozenset())


def decide(draft: Draft, claim: Claim) -> str:
    """The customer that the claim's event is of; what it says is noted in the draft. NOBODY: of somebody erased."""
    here = draft.holder(claim.site, claim.uuid, claim.time, claim.position) if claim.uuid else None
    if here is not None and (here == NOBODY or draft.is_erased(claim.site, here)):
        return NOBODY
    if not claim.identifiers:
        return here or NOBODY
    who = find_named(draft, claim)
    if who is None:
        return begin(draft, claim, here)
    put_address(draft, claim, who)
    if here is None:
        return who
    return join(draft, claim, here, who)


def find_named(draft: Draft, claim: Claim) -> str | None:
    """The customer that an identifier of the claim is known of, the customId asked first. A customId that is new joins
    an address that is known, and an address known by itself joins the customId that is named with it.
    """
    named = claim.identifiers
    by_number = draft.owner((claim.site, "customId", named["customId"])) if "customId" in named else None
    by_address = draft.owner((claim.site, "email", named["email"])) if "email" in named else None
    if by_address is None or "customId" not in named:
        return by_number or by_address
    address = draft.whole(claim.site, by_address)
    if draft.names(claim.site, address).custom_ids - {named["customId"]}:
        return by_number  # the address is somebody else's, and stays theirs
    if by_number is None:
        draft.identify(claim, "customId", by_address)
        return by_address
    number = draft.whole(claim.site, by_number)
    if number != address and draft.can_merge(claim.site, address, number):
        draft.merge(claim, address, number)
    return by_number


def begin(draft: Draft, claim: Claim, here: str | None) -> str:
    """Nobody is known by that yet: it is the device's own customer, or, where that is somebody else, a new one."""
    named = {kind: value for kind, value in claim.identifiers.items() if draft.owner((claim.site, kind, value)) is None}
    mine = draft.names(claim.site, draft.whole(claim.site, here)) if here is not None else NO_NAMES
    fits = here is not None and not differ(mine, names_of(named))
    who = here if here is not None and fits else customer_uuid(claim.site, named)
    if draft.is_erased(claim.site, who):
        if here is None:
            return NOBODY
        who = customer_uuid(claim.site, named, claim.uuid)  # on this device it is a new customer
    for kind in named:
        draft.identify(claim, kind, who)
    if here is not None and not fits:
        draft.switch(claim, who)
    return who


def put_address(draft: Draft, claim: Claim, who: str) -> None:
    """An address nobody had yet is that of the customer named beside it."""
    address = claim.identifiers.get("email")
    if address is not None and draft.owner((claim.site, "email", address)) is None:
        draft.identify(claim, "email", who)


def join(draft: Draft, claim: Claim, here: str, who: str) -> str:
    """The device's customer and the one named, made one where nothing tells them apart; else the device is switched."""
    mine, theirs = draft.whole(claim.site, here), draft.whole(claim.site, who)
    if mine == theirs:
        return here
    names, others = draft.names(claim.site, mine), draft.names(claim.site, theirs)
    if differ(names, others) or not draft.can_merge(claim.site, mine, theirs):
        draft.switch(claim, who)
        return who
    if names.custom_ids and not others.custom_ids:
        draft.merge(claim, theirs, mine)
    else:
        draft.merge(claim, mine, theirs)
    return here


def differ(mine: Names, theirs: Names) -> bool:
    """Whether identifiers say that these are two people. A customId says more than an address."""
    if mine.custom_ids and theirs.custom_ids:
        return not mine.custom_ids & theirs.custom_ids
    return bool(mine.emails and theirs.emails and not mine.emails & theirs.emails)


def names_of(named: Mapping[str, str]) -> Names:
    """A claim's identifiers, as those of a whole."""
    return Names(*(frozenset([named[kind]] if kind in named else []) for kind in IDENTIFIER_KINDS))
