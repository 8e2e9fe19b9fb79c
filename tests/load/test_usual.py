"""Hovers judged as they arrive: how many are flagged, what the reference is, and the same again after a crash."""

import itertools
import json
import math
import random
import uuid
from typing import Any

import msgspec
import pytest

from tests.load.conftest import Loading, make_event
from tests.opened import open_store
from trackway.load.usual import DAY_MS, HOVER, WINDOW_DAYS, Usual
from trackway.store.row import Row
from trackway.store.writer import Writer

RECEIVED = 1_795_000_000_000
UUID = "00000000-0000-4000-8000-000000000001"


def hover(position: int, duration: float, element: str = "banner", **fields: Any) -> Row:
    base: dict[str, Any] = {
        "site": "shop",
        "id": str(uuid.UUID(int=position)),
        "position": position,
        "action": HOVER,
        "label": "",
        "time": RECEIVED,
        "received": RECEIVED,
        "uuid": UUID,
        "customer": UUID,
        "source": "web",
        "params": json.dumps({"element": element, "duration": duration}),
    }
    return Row(**(base | fields))


def fresh() -> Usual:
    return Usual(open_store().connect())


def lognormal(chance: random.Random, n: int, sigma: float, median_ms: float = 2_000) -> list[float]:
    return [chance.lognormvariate(math.log(median_ms), sigma) for _ in range(n)]


def flags(usual: Usual, rows: list[Row]) -> list[int]:
    usual.judge(rows)
    usual.settle()
    return [row.unusual for row in rows]


@pytest.mark.parametrize("sigma", [0.8, 1.0, 1.3])
@pytest.mark.parametrize("seed", [1, 2])
def test_one_in_twenty_ordinary_hovers_is_unusual_and_it_stays_so(sigma: float, seed: int) -> None:
    chance, usual = random.Random(seed), fresh()
    judged = flags(usual, [hover(n, dwell) for n, dwell in enumerate(lognormal(chance, 20_000, sigma))])

    thirds = [judged[100:6_700], judged[6_700:13_300], judged[13_300:]]
    shares = [sum(map(bool, third)) / len(third) for third in thirds]

    assert all(0.04 <= share <= 0.06 for share in shares), shares
    assert judged[-1] == 0 or judged[-1] == pytest.approx(2_000 * math.exp(1.645 * sigma), rel=0.05)


@pytest.mark.parametrize("sigma", [0.8, 1.0, 1.3])
def test_elements_with_few_hovers_are_judged_as_strictly(sigma: float) -> None:
    chance, usual = random.Random(3), fresh()
    flags(usual, [hover(n, dwell, "known") for n, dwell in enumerate(lognormal(chance, 3_000, sigma))])
    found: list[int] = []
    for element in range(150):
        rows = [hover(n, dwell, f"new {element}") for n, dwell in enumerate(lognormal(chance, 99, sigma))]
        found += flags(usual, rows)

    assert 0.04 <= sum(map(bool, found)) / len(found) <= 0.06


def test_a_hover_is_no_part_of_its_own_reference() -> None:
    usual = fresh()
    flags(usual, [hover(n, 1_500.0) for n in range(99)])

    # With itself, a hundred hovers would speak for the element, and their 95th percentile would be reached.
    assert flags(usual, [hover(100, 2_900.0)]) == [pytest.approx(1_600, rel=0.15)]
    assert flags(fresh(), [hover(1, 2_999.0), hover(2, 3_000.0)]) == [0, 3_000]


def test_what_is_old_no_longer_counts() -> None:
    usual = fresh()
    flags(usual, [hover(n, 20_000.0) for n in range(200)])
    within, after = RECEIVED + (WINDOW_DAYS - 1) * DAY_MS, RECEIVED + WINDOW_DAYS * DAY_MS

    assert flags(usual, [hover(201, 5_000.0, received=within)]) == [0]
    assert flags(usual, [hover(202, 5_000.0, received=after)]) == [3_000]


@pytest.mark.parametrize("other", [{"device": "phone"}, {"site": "other"}])
def test_sites_and_devices_are_judged_apart(other: dict[str, Any]) -> None:
    usual = fresh()
    flags(usual, [hover(n, 20_000.0) for n in range(200)])

    assert flags(usual, [hover(300, 5_000.0, **other), hover(301, 5_000.0)]) == [3_000, 0]


def test_judging_again_changes_nothing() -> None:
    """A load whose write failed is judged anew; rows that the store refused are forgotten."""
    chance, usual, plain = random.Random(4), fresh(), fresh()
    rows = [hover(n, dwell) for n, dwell in enumerate(lognormal(chance, 400, 1.0))]
    expected = flags(plain, rows[:200] + rows[201:])

    usual.judge(rows[:150])
    usual.judge(rows[:201])
    usual.settle(rows[200:201])

    assert [row.unusual for row in rows[:200]] + flags(usual, rows[201:]) == expected


def test_loads_may_be_cut_anywhere() -> None:
    chance = random.Random(5)
    rows = [hover(n, dwell, f"e{n % 3}") for n, dwell in enumerate(lognormal(chance, 600, 1.0))]
    at_once, in_parts = fresh(), fresh()
    expected = flags(at_once, rows)
    cuts = sorted({0, 600, *chance.sample(range(600), 20)})

    found = [flag for start, end in itertools.pairwise(cuts) for flag in flags(in_parts, rows[start:end])]

    assert found == expected


def test_a_restart_knows_what_the_store_has() -> None:
    """What is learnt from the store below a position judges on as if nothing had happened."""
    store = open_store().connect()
    site = f"s{uuid.uuid4().hex}"
    chance, first = random.Random(6), int(store.rows("SELECT max(position) AS n FROM events")[0]["n"]) + 1
    rows = [
        hover(first + n, dwell, f"e{n % 4}", site=site, id=str(uuid.uuid4()), device=("phone", "")[n % 2])
        for n, dwell in enumerate(lognormal(chance, 900, 1.0))
    ]
    running = Usual(store)
    Writer(store).write(rows[:600], finish=running.judge)
    running.settle()
    running.judge(rows[600:])
    expected = [row.unusual for row in rows[600:]]

    # The first of these were stored before the crash, and are no part of what is learnt.
    Writer(store).write(rows[600:700])
    again = Usual(store)
    again.learn(first + 600, RECEIVED + DAY_MS)
    written = Writer(store).write(rows[600:], finish=again.judge)

    assert len(written.stored) == 300
    assert [row.unusual for row in rows[600:]] == expected
    assert sum(map(bool, expected)) > 5


def test_the_loader_stores_the_threshold(loading: Loading) -> None:
    params = msgspec.Raw(msgspec.json.encode({"element": "banner", "duration": 7_200}))
    usual, brief = (make_event(action=HOVER, params=params) for _ in range(2))
    brief.params = msgspec.Raw(b'{"element":"banner","duration":80}')
    loading.send(usual, brief)
    loading.wait()

    stored = (
        open_store()
        .connect()
        .rows(
            "SELECT toString(id) AS id, unusual, dwell FROM events WHERE site = {site:String}", {"site": loading.site}
        )
    )

    assert {row["id"]: (row["unusual"], row["dwell"]) for row in stored} == {
        usual.id: (3_000, 7_200),
        brief.id: (0, 80),
    }
