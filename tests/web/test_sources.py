"""Sources through the front door: a payment's redirect overwrites nothing once it is excluded."""

import uuid
from typing import Any

import pytest

from tests.running import Running, SiteOf

ANN, FIRST, SECOND = (f"0192f0c4-7d7a-7cc3-a1b2-3c4d5e6f80{number}" for number in ("01", "02", "03"))


def visit(session: str, page: str, referrer: str, time: int) -> dict[str, Any]:
    params = {"url": f"https://shop.example{page}", "referrer": referrer}
    return {
        "id": str(uuid.uuid4()),
        "uuid": ANN,
        "session": session,
        "action": "page.visit",
        "time": time,
        "params": params,
    }


def names(shared: Running, site: SiteOf, **query: Any) -> dict[str, int]:
    answer = shared.get(f"/sites/{site.id}/insights/sources", token=site.read, **query)
    assert answer["total"] == answer["other"] + sum(item["sessions"] for item in answer["items"])
    return {item["name"]: item["sessions"] for item in answer["items"]}


def exclude(shared: Running, site: SiteOf, hosts: list[str]) -> Any:
    with shared.client() as client:
        return client.patch(f"/api/v1/sites/{site.id}", json={"settings": {"excluded_referrers": hosts}})


def test_a_payment_brings_nobody(shared: Running) -> None:
    site, began = shared.add_site(), 1_790_000_000_000
    visits = [
        visit(FIRST, "/summer?utm_source=news&utm_medium=email&utm_campaign=may", "https://mail.example/", began),
        visit(FIRST, "/thanks", "https://secure.pay.example/done", began + 60_000),
        visit(SECOND, "/thanks", "https://secure.pay.example/done", began + 86_400_000),
    ]
    shared.collect({"key": site.key, "events": visits})
    shared.settled(site.id, 3)

    assert names(shared, site) == {"email": 1, "referral": 1}
    assert exclude(shared, site, ["pay.example"]).status_code == 200
    assert names(shared, site) == {"email": 1, "internal": 1}
    assert names(shared, site, which="first") == {"email": 2}
    assert names(shared, site, which="first", by="landing") == {"/summer": 2}
    assert names(shared, site, by="campaign", **{"from": began + 3_600_000}) == {"": 1}


@pytest.mark.parametrize(
    "hosts", [["https://pay.example"], ["www.pay.example"], ["Pay.example"], ["a b"], ["x.y"] * 101, [1]]
)
def test_what_is_no_host_is_refused(shared: Running, hosts: list[Any]) -> None:
    site = shared.add_site()

    answer = exclude(shared, site, hosts)

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_parameter")
    assert shared.get(f"/sites/{site.id}")["settings"]["excluded_referrers"] == []
