"""Erasure: not a byte of one customer is left in the data folder, the others are untouched, and nothing comes back."""

import base64
import contextlib
import json
import os
import time
import uuid
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tests.conftest import Start
from tests.running import Running, SiteOf, live_events, make_event, wait_for

EVENTS = 3_000
GONE_WITHIN_S = 120


class Someone:
    """A customer with two devices, known by number and address, with events everywhere."""

    def __init__(self) -> None:
        self.uuids = (str(uuid.uuid4()), str(uuid.uuid4()))
        self.number = f"customer-{uuid.uuid4().hex}"
        self.email = f"zoë.{uuid.uuid4().hex}@shop.example"

    def traces(self) -> list[bytes]:
        """Everything that must not be found: as text, as JSON has it, and as the store keeps a uuid."""
        texts = [*self.uuids, self.number, self.email, self.email.split("@")[0].split(".")[1]]
        halves = [uuid.UUID(one).bytes for one in self.uuids]
        stored = [half[7::-1] + half[:7:-1] for half in halves]
        return [text.encode() for text in texts] + halves + stored

    def send(self, running: Running, site: SiteOf) -> int:
        """Events by the page and by the server, refused ones too; how many."""
        first, second = self.uuids
        named = [
            make_event(uuid=first, action="client.identify", params={"customId": self.number, "email": self.email}),
            make_event(uuid=second, action="client.identify", params={"customId": self.number}),
        ]
        views = [make_event(uuid=self.uuids[at % 2], params={"page": f"/p/{at}"}) for at in range(200)]
        refused = [
            make_event(uuid=first, action="oops"),
            make_event(action="oops", params={"email": self.email}),
            make_event(uuid=second.upper(), label=5),
        ]
        running.collect({"key": site.key, "events": named + views + refused})
        paid = [{"action": "order.paid", "customer": {"customId": self.number, "email": self.email}} for _ in range(3)]
        answer = httpx.post(
            f"{running.url}/api/v1/events", json=paid, headers={"authorization": f"Bearer {site.write}"}
        )
        answer.raise_for_status()
        return len(named) + len(views) + len(refused) + len(paid)


def found_in(folder: Path, traces: list[bytes]) -> dict[str, list[bytes]]:
    """The files of a folder that hold a trace. A merge may take files away meanwhile, and has written others then."""
    found: dict[str, list[bytes]] = {}
    for inside, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(FileNotFoundError):
                content = (Path(inside) / name).read_bytes()
                hits = [trace for trace in traces if trace in content]
                if hits:
                    found[str((Path(inside) / name).relative_to(folder))] = hits
    return found


def erase(running: Running, site: SiteOf, customer: str) -> dict[str, Any]:
    """Erase, and wait until it is done; the receipt."""
    with running.client() as client:
        done = client.post(f"/api/v1/sites/{site.id}/erasures", json={"customer": customer}).raise_for_status().json()

    def is_done() -> bool:
        done.update(running.get(f"/sites/{site.id}/erasures/{done['id']}"))
        return bool(done["done"])

    wait_for(is_done, GONE_WITHIN_S, lambda: str(done))
    receipt: dict[str, Any] = done["receipt"]
    return receipt


def ask_by_sql(running: Running, site: SiteOf, query: str) -> None:
    """What an editor asks, and the audit log keeps."""
    with running.client() as client:
        client.post(f"/api/v1/sites/{site.id}/sql", json={"query": query}).raise_for_status()


def check_signature(receipt: dict[str, Any]) -> None:
    """As docs/privacy.md says. Raises InvalidSignature."""
    signature = base64.b64decode(receipt["signature"])
    signed = {name: value for name, value in receipt.items() if name != "signature"}
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(receipt["public_key"]))
    key.verify(signature, json.dumps(signed, sort_keys=True, separators=(",", ":")).encode())


@pytest.fixture
def crowded(start: Start) -> tuple[Running, SiteOf, Someone, list[dict[str, Any]]]:
    """A server with a customer to erase among the events of others."""
    running = start(load_interval_ms=1)
    site, someone = running.add_site(), Someone()
    others = [make_event(params={"n": at}) for at in range(EVENTS)]
    sent = 0
    for at in range(0, EVENTS, 500):
        running.collect({"key": site.key, "events": others[at : at + 500]})
        sent += 500
    sent += someone.send(running, site)
    running.settled(site.id, sent)
    return running, site, someone, others


def test_nothing_of_one_customer_is_left_and_all_of_the_others(
    crowded: tuple[Running, SiteOf, Someone, list[dict[str, Any]]],
) -> None:
    running, site, someone, others = crowded
    assert found_in(running.data, someone.traces()), "there was something to erase"
    for name in (someone.number.upper(), someone.email, someone.uuids[1], "nobody"):
        ask_by_sql(running, site, f"SELECT count() FROM events WHERE params LIKE '%{name}%'")

    receipt = erase(running, site, someone.email)
    left = found_in(running.data, someone.traces())
    stored = {event["id"] for event in running.events(site.id)}
    balance = running.settled(site.id, 0)

    assert left == {}
    assert receipt["erased"]["events"] == 205
    assert receipt["erased"]["quarantine"] == 3
    assert receipt["erased"]["queries"] == 3
    lines = [line for line in running.get("/audit", site=site.id)["items"] if line["what"] == "sql.run"]
    assert [line["after"]["query"][-8:] for line in lines] == ["nobody%'", "…", "…", "…"]
    assert {event["id"] for event in others} == stored
    assert balance["balanced"]
    check_signature(receipt)
    with pytest.raises(InvalidSignature):
        check_signature(receipt | {"finished": 5})
    with running.client() as client:
        for name in (someone.email, someone.number):
            assert client.get(f"/api/v1/sites/{site.id}/customers/{name}").status_code == 404
    running.stop()
    assert found_in(running.data, someone.traces()) == {}


def test_late_events_do_not_bring_a_customer_back(
    crowded: tuple[Running, SiteOf, Someone, list[dict[str, Any]]],
) -> None:
    running, site, someone, others = crowded
    erase(running, site, someone.uuids[0])
    before = running.settled(site.id, 0)

    late = someone.send(running, site)
    after = running.settled(site.id, before["received"] + late)
    running.stop()
    running.start()
    running.collect({"key": site.key, "events": [make_event(uuid=someone.uuids[1])]})
    again = running.settled(site.id, after["received"] + 1)

    assert (after["balanced"], again["balanced"]) == (True, True)
    assert again["rejected"]["denied"] == 206
    assert again["stored"] == before["stored"]
    assert {event["id"] for event in running.events(site.id)} == {event["id"] for event in others}
    kept = running.get(f"/sites/{site.id}/quarantine", limit=1000)["items"]
    assert not [item for item in kept if item["uuid"] in someone.uuids]


def test_live_readers_get_nothing_of_the_erased_from_memory(start: Start) -> None:
    running = start(load_interval_ms=1)
    site, person, other = running.add_site(), str(uuid.uuid4()), make_event()
    running.collect({"key": site.key, "events": [make_event(uuid=person), other]})
    running.settled(site.id, 2)

    erase(running, site, person)
    with live_events(running, site.id, tail=10) as stream:
        first = next(stream)[1]

    assert first["id"] == other["id"]


def test_erasure_by_command_with_and_without_a_server(start: Start) -> None:
    running = start()
    site, first, second = running.add_site(), Someone(), Someone()
    sent = first.send(running, site) + second.send(running, site)
    running.settled(site.id, sent)

    said = json.loads(running.command("erase", "--site", site.id, "--customer", first.number, "--json").stdout)
    running.stop()
    words = running.command("erase", "--site", site.id, "--customer", second.uuids[0]).stdout
    nobody = running.command("erase", "--site", site.id, "--customer", "nobody", check=False)

    check_signature(said)
    assert said["erased"]["events"] == 205
    assert "erased 205 from events" in words
    assert (nobody.returncode, "knows no customer" in nobody.stderr) == (1, True)
    assert found_in(running.data, first.traces() + second.traces()) == {}


def test_erasure_cut_off_by_a_kill_is_finished_by_the_next_server(
    crowded: tuple[Running, SiteOf, Someone, list[dict[str, Any]]],
) -> None:
    running, site, someone, _ = crowded
    with running.client() as client, pytest.raises(httpx.ReadTimeout):
        client.post(f"/api/v1/sites/{site.id}/erasures", json={"customer": someone.number}, timeout=0.8)
    running.kill()
    running.start()

    (begun,) = running.get(f"/sites/{site.id}/erasures")["items"]
    wait_for(lambda: running.get(f"/sites/{site.id}/erasures/{begun['id']}")["done"], GONE_WITHIN_S)

    assert found_in(running.data, someone.traces()) == {}


def test_export_has_everything_about_one_customer(shared: Running) -> None:
    site, someone = shared.add_site(), Someone()
    sent = someone.send(shared, site)
    shared.collect({"key": site.key, "events": [make_event() for _ in range(20)]})
    shared.settled(site.id, sent + 20)

    with shared.client(site.read) as client:
        answer = client.get(f"/api/v1/sites/{site.id}/customers/{someone.email}/export")
        missing = client.get(f"/api/v1/sites/{site.id}/customers/nobody/export")
    lines = [json.loads(line) for line in answer.text.splitlines()]
    by_kind: dict[str, list[Any]] = {}
    for line in lines:
        by_kind.setdefault(line["kind"], []).append(line[line["kind"]])

    assert answer.headers["content-type"].startswith("application/x-ndjson")
    assert set(by_kind["customer"][0]["uuids"]) >= set(someone.uuids)
    assert {one["value"] for one in by_kind["identifier"]} == {someone.number, someone.email}
    assert len(by_kind["event"]) == 205
    assert {one["code"] for one in by_kind["rejected"]} == {"action_invalid", "label_invalid"}
    assert missing.status_code == 404


def test_erasure_of_one_site_leaves_the_same_customer_on_another(start: Start) -> None:
    running = start(load_interval_ms=1)
    person, here, there = str(uuid.uuid4()), running.add_site(), running.add_site()
    for site in (here, there):
        running.collect({"key": site.key, "events": [make_event(uuid=person, time=int(time.time() * 1000))]})
        running.settled(site.id, 1)

    erase(running, here, person)

    assert [len(running.events(site.id)) for site in (here, there)] == [0, 1]


def test_erasing_one_of_two_who_share_a_device_leaves_the_other(start: Start) -> None:
    running = start(load_interval_ms=1)
    site, kiosk, number, mine = running.add_site(), str(uuid.uuid4()), f"customer-{uuid.uuid4().hex}", str(uuid.uuid4())
    sent = 0

    def send(device: str, who: str = "", time: int | None = None) -> str:
        nonlocal sent
        named = {"action": "client.identify", "params": {"customId": who}} if who else {}
        event = make_event(uuid=device, time=time, **named)
        running.collect({"key": site.key, "events": [event]})
        sent += 1
        running.settled(site.id, sent)
        return str(event["id"])

    now = int(time.time() * 1000)
    anns = {send(kiosk, "ann", now - 5_000), send(kiosk, time=now - 4_000)}
    send(mine, number, now - 3_500)
    send(kiosk, number, now - 3_000)
    send(kiosk, time=now - 2_000)
    anns |= {send(kiosk, "ann", now - 1_000), send(kiosk, time=now - 500)}

    receipt = erase(running, site, number)
    send(kiosk, time=now - 1_500)
    send(mine)
    anns |= {send(kiosk)}
    again = send(str(uuid.uuid4()), number)

    assert {event["id"] for event in running.events(site.id)} == {*anns, again}
    assert {event["id"] for event in running.events(site.id, customer="ann")} == anns
    assert (receipt["erased"]["events"], receipt["erased"]["identifiers"]) == (3, 1)
    assert receipt["erased"]["devices"] == 1, "the shared one"
    assert running.settled(site.id, 0)["rejected"] == {"denied": 2}
