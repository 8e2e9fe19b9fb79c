"""Who is who, case by case: what events say, one after another, and who they are then of. Pure: nothing is stored."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import pytest

from trackway.books.people import Change, Identified, Merged, Switched
from trackway.books.register import Key
from trackway.identifier import customer_uuid
from trackway.load.identify import NOBODY, Claim, Draft, decide

SITE = "shop"


class Nothing:
    """Nothing is known yet. `apart`: pairs of which a merge was undone."""

    def __init__(self, *apart: frozenset[str]) -> None:
        self._apart = apart

    def owner(self, key: Key) -> str | None:
        return None

    def whole(self, site: str, customer: str) -> str:
        return customer

    def parts(self, site: str, whole: str) -> list[str]:
        return [whole]

    def identifiers(self, site: str, customers: Iterable[str]) -> list[dict[str, Any]]:
        return []

    def line(self, site: str, uuid: str) -> list[tuple[int, int, str]]:
        return []

    def are_apart(self, site: str, some: Iterable[str], others: Iterable[str]) -> bool:
        return any(frozenset({one, other}) in self._apart for one in some for other in others)


class Says(NamedTuple):
    """At `time`, an event of a device (none: a server's) names an identifier or two; none: it is like any other."""

    device: str
    custom_id: str = ""
    email: str = ""
    time: int = 0


def made_of(**named: str) -> str:
    """The customer made of an identifier."""
    return customer_uuid(SITE, named)


def play(says: list[Says], draft: Draft | None = None) -> tuple[list[str], list[Change]]:
    """Who each event is of at the end, merges followed, and what was noted."""
    draft = draft or Draft(Nothing())
    of: list[str] = []
    for position, one in enumerate(says, 1):
        named = {"customId": one.custom_id, "email": one.email}
        identifiers = {kind: value for kind, value in named.items() if value}
        claim = Claim(SITE, one.device, identifiers, "identify", one.time or position, position, "")
        of.append(decide(draft, claim))
    return [draft.whole(SITE, one) for one in of], draft.changes


X, Y = made_of(customId="X"), made_of(customId="Y")
CASES: dict[str, tuple[list[Says], list[str]]] = {
    "nobody says anything": ([Says("A"), Says("B")], ["A", "B"]),
    "history before is theirs": ([Says("A"), Says("A", "X"), Says("A")], ["A", "A", "A"]),
    "two devices, one customer": ([Says("A", "X"), Says("B"), Says("B", "X"), Says("B")], ["A"] * 4),
    "a device of somebody else is switched": (
        [Says("A", "X"), Says("A", "Y"), Says("A")],
        ["A", Y, Y],
    ),
    "and switched back": ([Says("A", "X"), Says("A", "Y"), Says("A", "X"), Says("A")], ["A", Y, "A", "A"]),
    "a shared device welds nobody together": (
        [Says("A", "X"), Says("B", "Y"), Says("C", "X"), Says("C", "Y"), Says("C", "X"), Says("A"), Says("B")],
        ["A", "B", "A", "B", "A", "A", "B"],
    ),
    "what comes late belongs where it was": (
        [Says("A", "X", time=10), Says("A", "Y", time=20), Says("A", time=15), Says("A", time=25), Says("A", time=5)],
        ["A", Y, "A", Y, "A"],
    ),
    "an identify that comes late, of the same": (
        [Says("A", "X", time=10), Says("A", "Y", time=20), Says("A", "X", time=15), Says("A", time=25)],
        ["A", Y, "A", Y],
    ),
    "an identify that comes late, of another": (
        [
            Says("A", "X", time=10),
            Says("A", "Y", time=30),
            Says("A", "Z", time=20),
            Says("A", time=25),
            Says("A", time=35),
        ],
        ["A", Y, made_of(customId="Z"), made_of(customId="Z"), Y],
    ),
    "one address, two devices": ([Says("A", email="a@x"), Says("B"), Says("B", email="a@x")], ["A"] * 3),
    "another address is another person": (
        [Says("A", email="a@x"), Says("A", email="b@x"), Says("A")],
        ["A", made_of(email="b@x"), made_of(email="b@x")],
    ),
    "a number joins the address on one device": (
        [Says("A", email="a@x"), Says("A", "X"), Says("B", email="a@x"), Says("C", "X")],
        ["A"] * 4,
    ),
    "a second address of one number is theirs too": (
        [Says("A", "X", "a@x"), Says("A", "X", "b@x"), Says("B", email="b@x")],
        ["A"] * 3,
    ),
    "one event names a number and an address that were two": (
        [Says("A", "X"), Says("B", email="a@x"), Says("C", "X", "a@x")],
        ["A"] * 3,
    ),
    "an address of another number stays theirs": (
        [Says("A", "X", "a@x"), Says("B", "Y", "a@x"), Says("C", email="a@x"), Says("D", "Y")],
        ["A", "B", "A", "B"],
    ),
    "a number counts more than an address": (
        [Says("A", "X", "a@x"), Says("B", "Y", "b@x"), Says("C", "X", "b@x")],
        ["A", "B", "A"],
    ),
    "an address on the device of a number without one": (
        [Says("A", "X"), Says("B", email="a@x"), Says("A", email="a@x")],
        ["A", "A", "A"],
    ),
    "an address on the device of a number with another": (
        [Says("A", "X", "a@x"), Says("B", email="b@x"), Says("A", email="b@x")],
        ["A", "B", "B"],
    ),
    "a server names a number that nobody has": ([Says("", "X"), Says("", "X")], [X, X]),
    "a server names a number of a device": ([Says("A", "X"), Says("", "X")], ["A", "A"]),
    "a device comes after the server": ([Says("", "X"), Says("A"), Says("A", "X")], [X, X, X]),
    "a server names both": ([Says("", email="a@x"), Says("", "X", "a@x"), Says("", "X")], [made_of(email="a@x")] * 3),
    "a token on a device of somebody else": ([Says("A", "X"), Says("A", "Y"), Says("", "X")], ["A", Y, "A"]),
}


@pytest.mark.parametrize("case", CASES)
def test_case(case: str) -> None:
    says, expected = CASES[case]

    assert play(says)[0] == expected


def test_identifiers_of_different_people_are_never_one_customers() -> None:
    for says, _ in CASES.values():
        of, changes = play(says)
        numbers = {change.value for change in changes if type(change) is Identified and change.kind == "customId"}
        owners = [of[at] for number in numbers for at, one in enumerate(says) if one.custom_id == number]

        assert len(set(owners)) == len(numbers)


def test_what_was_undone_is_switched_and_not_merged_again() -> None:
    draft = Draft(Nothing(frozenset({"A", "B"})))

    of, changes = play([Says("A", "X"), Says("B"), Says("B", "X"), Says("B")], draft)

    assert of == ["A", "B", "A", "A"]
    assert not [change for change in changes if type(change) is Merged]
    assert [change.uuid for change in changes if type(change) is Switched] == ["B"]


def test_too_many_parts_are_switched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trackway.load.identify.PARTS_MAX", 3)

    of, changes = play([Says(device, "X") for device in "ABCDE"] + [Says(device, time=1) for device in "ABCDE"])

    assert of == ["A"] * 5 + ["A", "A", "A", "D", "E"]
    assert len([change for change in changes if type(change) is Merged]) == 2


def test_erased_come_back_neither_as_device_nor_by_name() -> None:
    def is_erased(_: str, customer: str) -> bool:
        return customer in {"A", X}

    def fresh() -> Draft:
        return Draft(Nothing(), is_erased)

    assert play([Says("A"), Says("A", "X"), Says("", "X")], fresh()) == ([NOBODY, NOBODY, NOBODY], [])
    assert play([Says("B", "X"), Says("C", "X")], fresh())[0] == ["B", "B"], "a new device is a new customer"
    of, _ = play([Says("B", "Y"), Says("B", "X"), Says("B")], fresh())
    assert of[0] == "B"
    assert of[1] == of[2] == customer_uuid(SITE, {"customId": "X"}, "B"), "and not the one who was erased"


def test_order_within_one_moment_is_that_of_arrival() -> None:
    of, _ = play([Says("A", "X", time=5), Says("A", time=5), Says("A", "Y", time=5), Says("A", time=5)])

    assert of == ["A", "A", Y, Y]
