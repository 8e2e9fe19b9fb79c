"""Trends through the front door."""

from typing import Any

import pytest

from tests.running import Running, make_event

DAY = 86_400_000
NOON = 1_790_000_000_000 // DAY * DAY + DAY // 2
ANN = "0192f0c4-7d7a-7cc3-a1b2-3c4d5e6f8101"


def test_a_trend_counts_customers_once_in_its_total(shared: Running) -> None:
    site = shared.add_site()
    events = [
        make_event(action="shop.buy", uuid=ANN, time=NOON + day * DAY, params={"price": price, "size": size})
        for day, price, size in ((0, 10, "M"), (0, 2.5, "L"), (2, 1, "M"), (2, "free", "M"))
    ]
    shared.collect({"key": site.key, "events": [*events, make_event(action="shop.view", time=NOON)]})
    shared.settled(site.id, 5)
    query: dict[str, Any] = {"from": NOON - DAY // 2, "to": NOON + 3 * DAY - DAY // 2, "action": "shop.buy"}

    def ask(**more: Any) -> Any:
        return shared.get(f"/sites/{site.id}/insights/trend", token=site.read, **query | more)

    midnights = [NOON - DAY // 2 + day * DAY for day in range(3)]
    assert ask(measure="customers") == {
        "interval": "day",
        "times": midnights,
        "partial": [],
        "series": [{"name": "", "other": False, "total": 1, "values": [1, 0, 1]}],
    }
    assert ask(to=NOON + 2 * DAY, **{"from": NOON})["partial"] == [midnights[0], midnights[2]]
    assert ask(**{"from": NOON, "to": NOON + 2 * DAY})["partial"] == [midnights[0], midnights[2]]
    assert ask(measure="sum", param="price", breakdown="param.size", series=1)["series"] == [
        {"name": "M", "other": False, "total": 11, "values": [10, None, 1]},
        {"name": "", "other": True, "total": 2.5, "values": [2.5, None, None]},
    ]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"measure": "sum"}, "param"),
        ({"breakdown": "planet"}, "breakdown"),
        ({"breakdown": "param"}, "breakdown"),
        ({"breakdown": "param."}, "breakdown"),
        ({"breakdown": "os.x"}, "breakdown"),
        ({"zone": "Nowhere/None"}, "zone"),
        ({"from": 0, "interval": "hour"}, "interval"),
        ({"measure": "most"}, "measure"),
    ],
)
def test_what_cannot_be_asked_is_said(shared: Running, query: dict[str, Any], field: str) -> None:
    site = shared.add_site()
    with shared.client(site.read) as client:
        answer = client.get(f"/api/v1/sites/{site.id}/insights/trend", params=query)

    assert (answer.status_code, answer.json()["error"]["field"]) == (400, field)
