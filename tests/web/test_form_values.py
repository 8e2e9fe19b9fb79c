"""What people put into forms: seen by those who may, and by nobody else whichever way they ask."""

import json
import uuid
from collections.abc import Iterator
from typing import Any, NamedTuple

import httpx
import pytest

from tests.people import add_user, browser_of
from tests.running import Running, SiteOf, make_event

SECRET = "ann-kowalska@shop.example"


class Forms(NamedTuple):
    """A site with two submissions and an event that is none; somebody of each role."""

    site: SiteOf
    ids: list[str]
    clients: dict[str, httpx.Client]


@pytest.fixture(scope="module")
def forms(shared: Running) -> Iterator[Forms]:
    site, who = shared.add_site(), str(uuid.uuid4())
    page = {"url": "https://shop.example/contact?x=1", "title": "Contact"}
    events = [
        make_event(action="form.submit", uuid=who, params={"form": "contact", "message": SECRET, "size": 7} | page),
        make_event(action="form.submit", label=f"From {SECRET}", params={"form": "contact", "agreed": True}),
        make_event(action="order.paid", uuid=who, params={"size": 7}),
    ]
    shared.collect({"key": site.key, "events": events})
    shared.settled(site.id, 3)
    clients = {role: browser_of(shared, add_user(shared, sites={site.id: role})) for role in ("viewer", "editor")}
    clients["key"] = shared.client(site.read)
    clients["key"].base_url = f"{shared.url}/api/v1"
    yield Forms(site, [event["id"] for event in events], clients)
    for client in clients.values():
        client.close()


def ask(forms: Forms, who: str, path: str, **query: Any) -> Any:
    answer = forms.clients[who].get(f"/sites/{forms.site.id}{path}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize("who", ["editor", "key"])
def test_submissions_have_their_values_for_those_who_may_see_them(forms: Forms, who: str) -> None:
    first = ask(forms, who, "/insights/forms/submissions", form="contact", limit=1)
    second = ask(forms, who, "/insights/forms/submissions", form="contact", limit=1, cursor=first["next"])
    told = {row["id"]: row for row in first["items"] + second["items"]}

    assert {*told} == {*forms.ids[:2]}
    assert told[forms.ids[0]]["values"] == {"message": SECRET, "size": 7}
    assert told[forms.ids[0]]["url"] == "https://shop.example/contact"
    assert second["next"] is None


def test_viewer_sees_that_there_are_values(forms: Forms) -> None:
    rows = ask(forms, "viewer", "/insights/forms/submissions", form="contact")["items"]

    assert {(tuple(row["fields"]), row["values"]) for row in rows} == {(("message", "size"), None), (("agreed",), None)}


READERS = ["/events", "/events/{id}", "/events/{id}/verdict", "/export", "/live?tail=10"]
OF_CUSTOMER = ["/customers/{uuid}/activity", "/customers/{uuid}/export"]


@pytest.mark.parametrize("path", [*READERS, *OF_CUSTOMER])
def test_no_reader_of_events_shows_a_viewer_what_was_put_in(forms: Forms, path: str) -> None:
    told: dict[str, str] = {}
    who = ask(forms, "key", f"/events/{forms.ids[0]}")["uuid"]
    for asker in ("viewer", "key"):
        address = f"/sites/{forms.site.id}{path}".format(id=forms.ids[0], uuid=who)
        with forms.clients[asker].stream("GET", address) as answer:
            assert answer.status_code == 200
            text = ""
            for part in answer.iter_text():
                text += part
                if "live" in path and text.count("data: ") == 3 and text.endswith("\n\n"):
                    break
        told[asker] = text

    assert SECRET in told["key"]
    assert SECRET not in told["viewer"]
    assert '"withheld":["message","size"]' in told["viewer"]


def test_a_viewer_cannot_ask_for_what_was_put_in(forms: Forms) -> None:
    found = {who: ask(forms, who, "/events", **{"param.size": "7"})["items"] for who in ("viewer", "key")}
    named = {who: ask(forms, who, "/events", q="ann-kowalska")["items"] for who in ("viewer", "key")}
    asked = {"breakdown": "param.message"}
    trend = {who: json.dumps(ask(forms, who, "/insights/trend", **asked)) for who in ("viewer", "key")}

    assert {who: len(items) for who, items in found.items()} == {"viewer": 1, "key": 2}
    assert {who: len(items) for who, items in named.items()} == {"viewer": 0, "key": 2}
    assert {who: SECRET in text for who, text in trend.items()} == {"viewer": False, "key": True}


def test_a_viewer_counts_forms_like_everybody(forms: Forms) -> None:
    told = {who: ask(forms, who, "/insights/forms")["items"][0]["submitted"] for who in ("viewer", "key")}

    assert told == {"viewer": 2, "key": 2}


def test_a_form_without_a_name_is_not_asked_for(forms: Forms) -> None:
    answer = forms.clients["key"].get(f"/sites/{forms.site.id}/insights/forms/submissions?form=")

    assert (answer.status_code, answer.json()["error"]["field"]) == (400, "form")
