"""Definitions through the API: declared ones judge events at once, others are discovered from traffic."""

import time
import uuid
from typing import Any

import pytest

from tests.running import Running, SiteOf, make_event, wait_for
from tests.signing import EC, Shop, add_key, claims, sign
from trackway.insight.catalogue import near_duplicates

ORDER = {
    "required": ["total", "items"],
    "properties": {
        "total": {"type": "number", "minimum": 0, "maximum": 10_000},
        "currency": {"enum": ["EUR", "USD"]},
        "items": {"type": "array", "items": {"$ref": "#/$defs/item"}},
    },
    "$defs": {"item": {"type": "object", "required": ["sku"], "properties": {"sku": {"type": "string"}}}},
}
GOOD = {"total": 5.5, "items": [{"sku": "A"}]}


def declare(running: Running, site: str, action: str, /, **fields: Any) -> dict[str, Any]:
    """Declare an action; what the server says it is."""
    with running.client() as client:
        answer = client.put(f"/api/v1/sites/{site}/definitions/{action}", json=fields)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


@pytest.fixture(scope="module")
def site(shared: Running) -> SiteOf:
    """A site with one declared action of each kind, and a signing key."""
    site = shared.add_site()
    declare(shared, site.id, "order.placed", schema=ORDER)
    declare(shared, site.id, "account.changed", needs="token")
    declare(shared, site.id, "order.paid", needs="server")
    add_key(shared, site.id, kid="ES256", jwk=EC.as_dict(private=False))
    return site


def judged(running: Running, site: SiteOf, event: dict[str, Any], route: str = "public") -> tuple[str, str | None]:
    """The verdict on one event (ok, or its rejection code), and the field at fault."""
    if route == "server":
        with running.client(site.write) as client:
            answer = client.post("/api/v1/events", json=[event])
    elif route == "token":
        answer = Shop(running, site).send(sign(claims()), event)
    else:
        answer = running.collect({"key": site.key, "events": [event]})
    assert answer.status_code == 200, answer.text
    rejected = answer.json()["rejected"]
    return (rejected[0]["code"], rejected[0]["field"]) if rejected else ("ok", None)


@pytest.mark.parametrize(
    ("action", "params", "route", "code", "field"),
    [
        ("order.placed", GOOD, "public", "ok", None),
        ("order.placed", GOOD | {"more": [1]}, "public", "ok", None),
        ("order.placed", {}, "public", "param_missing", "params.total"),
        ("order.placed", {"total": 5}, "public", "param_missing", "params.items"),
        ("order.placed", {"total": None, "items": []}, "public", "param_missing", "params.total"),
        ("order.placed", GOOD | {"items": [{"sku": "A"}, {}]}, "public", "param_missing", "params.items[1].sku"),
        ("order.placed", GOOD | {"total": "5"}, "public", "param_type", "params.total"),
        ("order.placed", GOOD | {"total": -1}, "public", "param_type", "params.total"),
        ("order.placed", GOOD | {"total": 10**30}, "public", "param_type", "params.total"),
        ("order.placed", GOOD | {"currency": "PLN"}, "public", "param_type", "params.currency"),
        ("order.placed", GOOD | {"items": [{"sku": 5}]}, "public", "param_type", "params.items[0].sku"),
        ("order.placed", {"total": "5"}, "server", "param_missing", "params.items"),
        ("account.changed", {}, "public", "token_required", "action"),
        ("account.changed", {}, "token", "ok", None),
        ("account.changed", {}, "server", "ok", None),
        ("order.paid", {}, "public", "server_only", "action"),
        ("order.paid", {}, "token", "server_only", "action"),
        ("order.paid", {}, "server", "ok", None),
        ("never.declared", {}, "public", "ok", None),
    ],
)  # fmt: skip
def test_events_are_judged_by_what_is_declared(
    shared: Running, site: SiteOf, action: str, params: Any, route: str, code: str, field: str | None
) -> None:
    found = judged(shared, site, make_event(action=action, params=params), route)

    assert found == (code, field and f"events[0].{field}")


def test_refused_events_are_in_quarantine_and_in_the_ledger(shared: Running) -> None:
    site = shared.add_site()
    declare(shared, site.id, "a.token", needs="token")
    declare(shared, site.id, "a.server", needs="server")
    declare(shared, site.id, "a.order", schema=ORDER)
    sent = [make_event(action=f"a.{name}") for name in ("token", "server", "order", "free")]
    shared.collect({"key": site.key, "events": [*sent, make_event(action="a.order", params=GOOD | {"total": "x"})]})

    ledger = shared.settled(site.id, 5)
    kept = shared.get(f"/sites/{site.id}/quarantine")["items"]

    codes = ["token_required", "server_only", "param_missing", "param_type"]
    assert ledger["rejected"] == dict.fromkeys(codes, 1)
    assert (ledger["stored"], ledger["balanced"]) == (1, True)
    assert [row["code"] for row in kept] == codes[::-1]
    assert kept[-1]["event"] == sent[0]


def test_site_may_take_declared_actions_only(shared: Running) -> None:
    site = shared.add_site(declared_only=True)
    before = judged(shared, site, make_event(action="cart.add"))
    built_in = judged(shared, site, make_event(action="client.login"))

    declare(shared, site.id, "cart.add")
    after = judged(shared, site, make_event(action="cart.add"))
    with shared.client() as client:
        client.delete(f"/api/v1/sites/{site.id}/definitions/cart.add").raise_for_status()
        gone = client.delete(f"/api/v1/sites/{site.id}/definitions/cart.add")

    assert (before, built_in, after) == (("undeclared", "events[0].action"), ("ok", None), ("ok", None))
    assert judged(shared, site, make_event(action="cart.add"))[0] == "undeclared"
    assert (gone.status_code, gone.json()["error"]["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("declared", "event", "label"),
    [
        ({"label": "Paid {{total}} {{currency}}"}, {"params": {"total": 5.5, "currency": "EUR"}}, "Paid 5.5 EUR"),
        ({"label": "Paid {{total}}", "name": "Payment"}, {"params": {}}, "Paid"),
        ({"name": "Payment"}, {"params": {}}, "Payment"),
        ({"label": "Paid"}, {"label": "As sent"}, "As sent"),
        ({}, {}, "a.label"),
    ],
)
def test_label_comes_from_the_definition(
    shared: Running, declared: dict[str, Any], event: dict[str, Any], label: str
) -> None:
    site, sent = shared.add_site(), make_event(action="a.label", **event)
    declare(shared, site.id, "a.label", **declared)
    shared.collect({"key": site.key, "events": [sent]})

    shared.settled(site.id, 1)

    assert shared.events(site.id)[0]["label"] == label


def test_label_of_a_built_in_action_may_be_declared(shared: Running) -> None:
    site, sent = shared.add_site(), make_event(action="client.login")
    declare(shared, site.id, "client.login", label="Came in")
    shared.collect({"key": site.key, "events": [sent]})

    shared.settled(site.id, 1)

    assert shared.events(site.id)[0]["label"] == "Came in"


def test_command_line_and_server_see_the_same_within_two_seconds(shared: Running) -> None:
    """The directory follows changes made through the database by others."""
    site = shared.add_site()
    plan = shared.data.parent / "plan.json"
    plan.write_text('{"declared_only": true, "definitions": {"a.one": {"name": "One"}}}')
    shared.command("plan", "push", str(plan), "--site", site.id)

    wait_for(lambda: judged(shared, site, make_event(action="a.two"))[0] == "undeclared", 2)
    assert judged(shared, site, make_event(action="a.one")) == ("ok", None)


def test_catalogue_shows_declared_built_in_and_discovered(shared: Running) -> None:
    site, now = shared.add_site(), int(time.time() * 1000)
    declare(shared, site.id, "product.view", name="Product seen", icon="eye", description="A product's page")
    values: list[Any] = [1, 2.5, "x"]
    events = [make_event(action="product.view", time=now - n, params={"sku": n, "v": values[n]}) for n in range(3)]
    events += [make_event(action="product.view", time=now - 9), make_event(action="product.veiw")]
    shared.collect({"key": site.key, "events": events})
    shared.settled(site.id, 5)

    items = {one["action"]: one for one in shared.get(f"/sites/{site.id}/definitions", limit=200)["items"]}
    view, slip, built_in = items["product.view"], items["product.veiw"], items["page.visit"]

    assert (view["name"], view["icon"], view["declared"], view["built_in"]) == ("Product seen", "eye", True, False)
    assert (view["volume"], view["first_seen"], view["last_seen"]) == (4, now - 9, now)
    assert view["params"] == [
        {"name": "sku", "types": ["integer"], "share": 0.75, "example": 0},
        {"name": "v", "types": ["number", "string"], "share": 0.75, "example": 1},
    ]
    assert (slip["declared"], slip["similar"], slip["volume"]) == (False, "product.view", 1)
    assert (built_in["declared"], built_in["built_in"], built_in["volume"]) == (False, True, 0)
    assert built_in["schema"]["required"] == ["url"]
    assert items["session.end"]["needs"] == "server"
    assert view["similar"] is None


def test_catalogue_pages_and_filters(shared: Running) -> None:
    site = shared.add_site()
    shared.collect({"key": site.key, "events": [make_event(action=f"free.a{n}") for n in range(5)]})
    shared.settled(site.id, 5)

    path = f"/sites/{site.id}/definitions"
    first = shared.get(path, limit=3, declared=False)
    second = shared.get(path, limit=3, declared=False, cursor=first["next"])

    names = [one["action"] for one in [*first["items"], *second["items"]]]
    assert names == [f"free.a{n}" for n in range(5)]
    assert second["next"] is None
    assert [one["action"] for one in shared.get(path, q="A3")["items"]] == ["free.a3"]
    assert shared.get(f"{path}/free.a3")["volume"] == 1
    with shared.client(site.read) as client:
        assert client.get(f"/api/v1{path}/free.nothing").status_code == 404


def test_what_is_read_can_be_put_back(shared: Running) -> None:
    site = shared.add_site()
    made = declare(shared, site.id, "a.b", name="N", schema=ORDER, needs="token", retention_days=5, deprecated=True)

    again = declare(shared, site.id, "a.b", **made)

    assert again == made == shared.get(f"/sites/{site.id}/definitions/a.b")
    assert (made["schema"], made["needs"], made["deprecated"]) == (ORDER, "token", True)


DOUBLING = {f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n - 1}"}] * 2} for n in range(1, 40)} | {"d0": {}}


@pytest.mark.parametrize(
    ("action", "body", "field"),
    [
        ("nodot", {}, "action"),
        ("a." + "x" * 32, {}, "action"),
        ("a.b", {"schema": {"type": "texts"}}, "schema"),
        ("a.b", {"schema": {"$ref": "https://evil.example/schema.json"}}, "schema"),
        ("a.b", {"schema": {"$ref": "file:///etc/passwd"}}, "schema"),
        ("a.b", {"schema": {"$id": "https://evil.example/", "properties": {"a": {"$ref": "x"}}}}, "schema"),
        ("a.b", {"schema": {"$schema": "https://evil.example/meta"}}, "schema"),
        ("a.b", {"schema": {"$ref": "#"}}, "schema"),
        ("a.b", {"schema": {"$ref": "#/$defs/a", "$defs": {"a": {"not": {"$ref": "#/$defs/a"}}}}}, "schema"),
        ("a.b", {"schema": {"$ref": "#/$defs/missing"}}, "schema"),
        ("a.b", {"schema": {"$ref": "#/$defs/d39", "$defs": DOUBLING}}, "schema"),
        ("a.b", {"schema": {"properties": {"a": {"pattern": "("}}}}, "schema"),
        ("a.b", {"schema": {"properties": {"a": {"pattern": "(?=a)b"}}}}, "schema"),
        ("a.b", {"schema": {"description": "x" * 20_000}}, "schema"),
        ("a.b", {"schema": []}, None),
        ("a.b", {"needs": "nothing"}, None),
        ("a.b", {"name": "x" * 101}, None),
        ("a.b", {"retention_days": -1}, None),
    ],
)
def test_definitions_that_are_refused(
    shared: Running, site: SiteOf, action: str, body: dict[str, Any], field: str | None
) -> None:
    with shared.client() as client:
        answer = client.put(f"/api/v1/sites/{site.id}/definitions/{action}", json=body)

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_parameter"), answer.text
    assert field is None or answer.json()["error"]["field"] == field


def test_message_does_not_repeat_what_was_sent(shared: Running, site: SiteOf) -> None:
    secret = uuid.uuid4().hex
    answer = shared.collect(
        {"key": site.key, "events": [make_event(action="order.placed", params=GOOD | {"total": secret})]}
    )

    assert secret not in answer.text


@pytest.mark.parametrize(
    ("volumes", "declared", "found"),
    [
        ({"product.view": 50, "product.veiw": 2}, [], {"product.veiw": "product.view"}),
        ({"product.view": 50, "product.vie": 2}, [], {"product.vie": "product.view"}),
        ({"product.view": 50, "product.vieww": 2}, [], {"product.vieww": "product.view"}),
        ({"product.view": 50, "Product.View": 2}, [], {"Product.View": "product.view"}),
        ({"product.view": 50, "product_view": 2}, [], {"product_view": "product.view"}),
        ({"product.view": 50, "product.viewed": 2}, [], {}),
        ({"product.view": 50, "product.veiw": 40}, [], {}),
        ({"product.veiw": 900}, ["product.view"], {"product.veiw": "product.view"}),
        ({"product.veiw": 900}, ["product.view", "product.veiw"], {}),
        ({"step.1": 900, "step.2": 1}, [], {}),
        ({"a.b": 900, "a.c": 1}, [], {}),
    ],
)
def test_near_duplicates(volumes: dict[str, int], declared: list[str], found: dict[str, str]) -> None:
    assert near_duplicates(volumes, declared) == found
