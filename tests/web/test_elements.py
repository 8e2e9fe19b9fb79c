"""Elements and unusual hovers through the front door: sent, judged on the way, shown in feed, live view and lists."""

import time
import uuid
from typing import Any

import pytest

from tests.running import Running, SiteOf, live_events

ANN = "0192f0c4-7d7a-7cc3-a1b2-3c4d5e6f70aa"


def hover(duration: float, **fields: Any) -> dict[str, Any]:
    params = {"element": "banner", "duration": duration}
    return {"id": str(uuid.uuid4()), "uuid": str(uuid.uuid4()), "action": "element.hover", "params": params, **fields}


@pytest.fixture(scope="module")
def hovered(shared: Running) -> SiteOf:
    """150 hovers of 1 to 2.49 s, then one of 7.2 s by Ann, and one of 5 s from another day."""
    site = shared.add_site()
    usual = [hover(1_000 + 10 * number) for number in range(150)]
    for event in usual[:3]:
        usual.append(event | {"id": str(uuid.uuid4()), "action": "element.click"})
    usual += [{**event, "id": str(uuid.uuid4()), "action": "element.view"} for event in usual[:30]]
    shared.collect({"key": site.key, "events": usual})
    shared.settled(site.id, len(usual))
    yesterday = int(time.time() * 1000) - 86_400_000
    shared.collect({"key": site.key, "events": [hover(7_200, uuid=ANN), hover(5_000, time=yesterday)]})
    shared.settled(site.id, len(usual) + 2)
    return site


def test_elements_have_the_shape_of_the_contract(shared: Running, hovered: SiteOf) -> None:
    since = int(time.time() * 1000) - 3_600_000
    query: dict[str, Any] = {"from": since}
    answer = shared.get(f"/sites/{hovered.id}/insights/elements", token=hovered.read, **query)

    flagged = [event for event in shared.events(hovered.id, action="element.hover", **query) if "unusual" in event]
    assert answer["items"] == [
        {
            "element": "banner",
            "views": 30,
            "hovers": 151,
            "clicks": 3,
            "ctr": 0.1,
            "dwell_p50": 1_750.0,
            "dwell_p95": 2_425.0,
            "hovered_without_click": 148,
            "unusual": len(flagged),
        }
    ]


def test_an_unusual_hover_carries_its_threshold_wherever_it_is_read(shared: Running, hovered: SiteOf) -> None:
    expected = {"threshold": pytest.approx(2_420, rel=0.06), "p": 0.95}

    feed = shared.get(f"/sites/{hovered.id}/customers/{ANN}/activity")["items"]
    with live_events(shared, hovered.id, customer=ANN, tail=1) as live:
        _, streamed = next(live)

    assert feed[0]["unusual"] == streamed["unusual"] == expected
    assert feed[0]["label"] == "Hovered over banner for 7.2 s"
    usual = shared.events(hovered.id, action="element.click")[0]
    assert "unusual" not in usual


def test_who_lingers_now(shared: Running, hovered: SiteOf) -> None:
    items = shared.get(f"/sites/{hovered.id}/insights/lingering", token=hovered.read)["items"]

    assert items[0] | {"threshold": 0, "time": 0, "id": ""} == {
        "id": "",
        "customer": ANN,
        "uuids": [ANN],
        "identifiers": {},
        "element": "banner",
        "dwell": 7_200.0,
        "threshold": 0,
        "time": 0,
    }
    assert 5_000 not in {item["dwell"] for item in items}
