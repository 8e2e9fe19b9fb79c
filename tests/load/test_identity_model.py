"""Random sequences of everything that says who is who, through the real loader and store, against a plain model of it.

The model looks everything up anew in lists, each time; the real one keeps what follows from them.
"""

import asyncio
import random
import uuid
from typing import Any

import msgspec
import pytest

from tests.load.conftest import RECEIVED, Loading, make_event
from tests.opened import open_store
from tests.running import wait_for
from trackway.event import Event
from trackway.identifier import customer_uuid
from trackway.insight.person import CUSTOMER, find_whom
from trackway.record import Record, encode_record
from trackway.store.pool import Connection

SEEDS = 8
STEPS = 70
DEVICES = [str(uuid.UUID(int=number)) for number in range(1, 6)]
NUMBERS, ADDRESSES = ("X", "Y", "Z"), ("a@x", "b@x")
FOLLOWS_WITHIN_S = 15
STORED = "SELECT toString(id) AS id, toString(customer) AS whose FROM events WHERE site = {site:String}"
OF = f"{STORED} AND uuid IN {{uuids:Array(UUID)}} AND customer IN {{customers:Array(UUID)}}"
WHOLES = f"SELECT toString({CUSTOMER}) AS whole, count() AS n FROM events WHERE site = {{site:String}} GROUP BY whole"


class Model:
    """Who is who, by the rules of docs/concepts.md."""

    def __init__(self, site: str) -> None:
        self.site = site
        self.owners: dict[tuple[str, str], str] = {}
        self.merges: list[tuple[str, str, bool]] = []
        self.switches: list[tuple[str, int, int, str]] = []
        self.of: dict[str, str] = {}

    def whole(self, one: str) -> str:
        into = [into for customer, into, stands in self.merges if stands and customer == one]
        return self.whole(into[0]) if into else one

    def values(self, whole: str, kind: str) -> set[str]:
        return {value for (one, value), owner in self.owners.items() if one == kind and self.whole(owner) == whole}

    def differ(self, one: str, named: dict[str, set[str]]) -> bool:
        for kind in ("customId", "email"):
            mine = self.values(one, kind)
            if mine and named[kind]:
                return not mine & named[kind]
        return False

    def are_apart(self, one: str, other: str) -> bool:
        undone = [{self.whole(customer), self.whole(into)} for customer, into, stands in self.merges if not stands]
        return {one, other} in undone

    def holder(self, device: str, time: int, position: int) -> str:
        held = sorted(line for line in self.switches if line[0] == device and line[1:3] <= (time, position))
        return held[-1][3] if held else device

    def merge(self, one: str, into: str) -> None:
        self.merges.append((one, into, True))

    def take(self, event: Event, position: int, named: dict[str, str]) -> None:
        """One event in its turn. One that came before changes nothing."""
        if event.id in self.of:
            return
        time = event.time or 0
        here = self.holder(event.uuid, time, position) if event.uuid else ""
        who = self.named(named) if named else here
        if named and not who:
            fresh = {kind: value for kind, value in named.items() if (kind, value) not in self.owners}
            claimed = {kind: {fresh[kind]} if kind in fresh else set[str]() for kind in ("customId", "email")}
            fits = here and not self.differ(self.whole(here), claimed)
            who = here if fits else customer_uuid(self.site, fresh)
            self.owners |= dict.fromkeys(fresh.items(), who)
        elif "email" in named:
            self.owners.setdefault(("email", named["email"]), who)
        self.of[event.id] = self.join(event, here, who, position) if here and named else who

    def named(self, named: dict[str, str]) -> str:
        number = self.owners.get(("customId", named.get("customId", "")), "")
        address = self.owners.get(("email", named.get("email", "")), "")
        if not address or "customId" not in named:
            return number or address
        if self.values(self.whole(address), "customId") - {named["customId"]}:
            return number
        if not number:
            self.owners["customId", named["customId"]] = address
            return address
        one, into = self.whole(address), self.whole(number)
        if one != into and not self.are_apart(one, into):
            self.merge(one, into)
        return number

    def join(self, event: Event, here: str, who: str, position: int) -> str:
        mine, theirs = self.whole(here), self.whole(who)
        if mine == theirs:
            return here
        if self.differ(mine, {kind: self.values(theirs, kind) for kind in ("customId", "email")}) or self.are_apart(
            mine, theirs
        ):
            self.switches.append((event.uuid, event.time or 0, position, who))
            return who
        known = self.values(mine, "customId") and not self.values(theirs, "customId")
        self.merge(*((theirs, mine) if known else (mine, theirs)))
        return here

    def undo(self, number: int) -> None:
        customer, into, _ = self.merges[number]
        self.merges[number] = (customer, into, False)


class Player:
    """Sends what chance says to both."""

    def __init__(self, loading: Loading, seed: int) -> None:
        self.chance = random.Random(seed)
        self.loading = loading
        self.site = f"site-{uuid.uuid4().hex[:12]}"
        self.model = Model(self.site)
        self.sent: list[tuple[Record, dict[str, str]]] = []
        self.position = 0

    def step(self) -> None:
        """A group of a few requests, or an undoing."""
        standing = [at for at, (_, _, stands) in enumerate(self.model.merges) if stands]
        if standing and self.chance.random() < 0.1:
            self.undo(self.chance.choice(standing))
            return
        group = [self.chance.choice(self.sent) if self.sent and self.chance.random() < 0.1 else self.make()]
        group += [self.make() for _ in range(self.chance.randrange(3))]
        asyncio.run(self.loading.spool.append(b"".join(encode_record(record) for record, _ in group)))
        for record, named in group:
            self.position += 1  # only the order of positions counts
            self.model.take(record.events[0], self.position, named)
        self.sent += group

    def undo(self, at: int) -> None:
        self.loading.wait()
        numbers = self.loading.ledger.register.merges(self.site, self.customers(), 2**62, 1_000)
        number = sorted(merge["id"] for merge in numbers)[at]
        step = self.loading.loader.between_loads(
            lambda: self.loading.ledger.undo_merge(self.site, number, "somebody", RECEIVED)
        )
        step.result(FOLLOWS_WITHIN_S)
        self.model.undo(at)

    def customers(self) -> set[str]:
        return {*DEVICES, *self.model.of.values(), *(one for merge in self.model.merges for one in merge[:2])}

    def make(self) -> tuple[Record, dict[str, str]]:
        """One request of one event, and the identifiers it names."""
        chance = self.chance
        how = chance.choice(("event", "event", "identify", "identify", "form", "token", "server"))
        number = {"customId": chance.choice(NUMBERS)} if chance.random() < 0.8 else {}
        address = {"email": chance.choice(ADDRESSES)} if chance.random() < 0.4 or not number else {}
        device, time = chance.choice(DEVICES), RECEIVED - chance.choice((0, 0, 0, chance.randrange(20_000)))
        fields: dict[str, Any] = {"uuid": device, "time": time}
        if how == "event":
            named: dict[str, str] = {}
        elif how == "identify":
            named, fields["action"] = number | address, "client.identify"
        elif how == "form":
            named, fields["action"] = number, "form.submit"  # its address is not believed
        elif how == "token":
            named = {"customId": chance.choice(NUMBERS)}
        else:
            named, fields["uuid"] = number | address, ""
        if how in ("token", "server"):
            fields["customer"] = named
        elif how != "event":
            fields["params"] = msgspec.Raw(msgspec.json.encode({"form": "f"} | number | address))
        event = make_event(**fields)
        source = "server" if how == "server" else "web"
        record = Record(self.site, RECEIVED, source, "k", 1, [event], authenticated=how == "token")
        return record, named


@pytest.fixture
def connection() -> Any:
    opened = open_store().connect()
    yield opened
    opened.close()


@pytest.mark.parametrize("seed", range(SEEDS))
def test_as_the_model_says(loading: Loading, connection: Connection, seed: int) -> None:
    player = Player(loading, seed)
    for _ in range(STEPS):
        player.step()
    loading.wait()

    model, register = player.model, loading.ledger.register
    rows = connection.rows(STORED, {"site": player.site})
    assert {row["id"]: row["whose"] for row in rows} == model.of
    wholes = {one: model.whole(one) for one in player.customers()}
    assert register.wholes(player.site, set(wholes)) == wholes
    expected: dict[str, int] = {}
    for one in model.of.values():
        expected[model.whole(one)] = expected.get(model.whole(one), 0) + 1

    def counted() -> dict[str, int]:
        return {row["whole"]: row["n"] for row in connection.rows(WHOLES, {"site": player.site})}

    wait_for(lambda: counted() == expected, FOLLOWS_WITHIN_S, lambda: f"{counted()} is not {expected}")
    for whole in expected:
        whom = find_whom(register, player.site, whole)
        asked = {"site": player.site, "uuids": list(whom.uuids or ()), "customers": list(whom.customers)}
        found = connection.rows(OF, asked)
        assert {row["id"] for row in found} == {one for one, of in model.of.items() if model.whole(of) == whole}
    assert model.merges
    assert model.switches
