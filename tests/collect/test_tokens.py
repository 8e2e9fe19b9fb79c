"""Customer tokens from outside: who is believed, and every way to forge one that we know of."""

import hmac
import json
import time
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from joserfc import jws

from tests.running import Running, make_event, wait_for
from tests.signing import (
    EC,
    KEYS,
    OTHER_EC,
    OTHER_RSA,
    RSA,
    SECRET,
    Shop,
    add_key,
    claims,
    encode,
    pem,
    sign,
)  # fmt: skip
from trackway.collect.token import TOKEN_LENGTH_MAX
from trackway.signing import ALGORITHMS

DAY_S = 24 * 3600
UUID_A, UUID_B = "0192f0c4-7d7a-7cc3-a1b2-3c4d5e6f7081", "0192f0c4-7d7a-7cc3-a1b2-3c4d5e6f7082"


@pytest.fixture(scope="module")
def shop(shared: Running) -> Shop:
    site = shared.add_site()
    for alg, key in KEYS.items():
        material = {"secret": SECRET} if alg == "HS256" else {"jwk": key.as_dict(private=False)}
        add_key(shared, site.id, kid=alg, alg=alg, **material)
    return Shop(shared, site)


@pytest.mark.parametrize("alg", ALGORITHMS)
def test_events_with_a_token_are_authenticated_and_belong_to_its_customer(shop: Shop, alg: str) -> None:
    who, event = claims(aud=shop.site.id), make_event()

    answer = shop.send(sign(who, alg), event)

    assert (answer.status_code, answer.json()["accepted"]) == (200, 1), answer.text
    wait_for(lambda: len(shop.running.events(shop.site.id, uuid=event["uuid"])) == 1, 15)
    activity = shop.running.get(f"/sites/{shop.site.id}/customers/{who['sub']}/activity")["items"]
    assert [(one["id"], one["authenticated"]) for one in activity] == [(event["id"], True)]


def test_events_without_a_token_are_not_authenticated(shop: Shop) -> None:
    event = make_event()
    shop.running.collect({"key": shop.site.key, "events": [event]})

    wait_for(lambda: len(shop.running.events(shop.site.id, uuid=event["uuid"])) == 1, 15)
    assert shop.running.events(shop.site.id, uuid=event["uuid"])[0]["authenticated"] is False


def test_token_with_a_uuid_gives_its_events_that_uuid(shop: Shop) -> None:
    who = str(uuid.uuid4())
    event = {"id": str(uuid.uuid4()), "action": "test.event"}

    answer = shop.send(sign(claims(uuid=who.upper(), sub=None)), event)

    assert answer.json()["accepted"] == 1, answer.text
    wait_for(lambda: len(shop.running.events(shop.site.id, uuid=who)) == 1, 15)


def test_customer_is_one_on_every_device_and_a_shared_device_welds_nobody(shop: Shop) -> None:
    """The first customer on a device takes it over with its history; the second on it is a customer of their own."""
    first, second, device, other = claims(), claims(), str(uuid.uuid4()), str(uuid.uuid4())
    sent = [(first, device), (second, device), (first, other), (second, other)]
    events = [make_event(uuid=where) for _, where in sent]
    for (who, _), event in zip(sent, events, strict=True):
        assert shop.send(sign(who), event).status_code == 200
        wait_for(lambda event=event: is_stored(shop, event), 15)

    stored = [shop.running.get(f"/sites/{shop.site.id}/events/{event['id']}")["customer"] for event in events]

    assert stored[0] == stored[2] == device
    assert stored[1] == stored[3]
    assert stored[1] not in (device, other)


def is_stored(shop: Shop, event: dict[str, Any]) -> bool:
    """Whether an event can be read."""
    with shop.running.client() as client:
        return client.get(f"/api/v1/sites/{shop.site.id}/events/{event['id']}").status_code == 200


def forged(header: Any, body: Any, signature: bytes = b"") -> str:
    """A token put together by hand."""
    return f"{encode(header)}.{encode(body)}.{encode(signature)}"


def swapped(part: int, value: Any) -> Callable[[], str]:
    """A good token with one part changed afterwards."""

    def make() -> str:
        parts = sign(claims()).split(".")
        parts[part] = encode(value)
        return ".".join(parts)

    return make


def confused(key: Any, kid: str | None) -> str:
    """A token signed with a public key as if it were a shared secret; by hand, since the library will not."""
    header = {"alg": "HS256"} | ({"kid": kid} if kid else {})
    signed = f"{encode(header)}.{encode(claims())}"
    return f"{signed}.{encode(hmac.digest(pem(key), signed.encode(), 'sha256'))}"


ATTACKS: dict[str, Callable[[], Any]] = {
    "no token at all": lambda: "no token",
    "two parts": lambda: "a.b",
    "empty parts": lambda: "..",
    "not ASCII": lambda: "ü.ü.ü",
    "half a surrogate": lambda: "\ud800.a.b",
    "alg none": lambda: forged({"alg": "none"}, claims()),
    "alg None": lambda: forged({"alg": "None", "kid": "ES256"}, claims()),
    "alg none with a signature": lambda: forged({"alg": "none"}, claims(), b"x" * 64),
    "alg missing": lambda: forged({"kid": "ES256"}, claims(), b"x" * 64),
    "alg no text": lambda: forged({"alg": ["ES256"]}, claims(), b"x" * 64),
    "header no object": lambda: forged(["ES256"], claims(), b"x" * 64),
    "signature missing": lambda: sign(claims()).rsplit(".", 1)[0] + ".",
    "signature of zeros": lambda: forged({"alg": "ES256", "kid": "ES256"}, claims(), b"\0" * 64),
    "payload changed": swapped(1, {"sub": "admin", "exp": int(time.time()) + 60}),
    "header changed": swapped(0, {"alg": "HS256", "kid": "ES256"}),
    "RSA key as HMAC secret": lambda: confused(RSA, "RS256"),
    "RSA key as HMAC secret, no kid": lambda: confused(RSA, None),
    "EC key as HMAC secret": lambda: confused(EC, "ES256"),
    "kid of a key of another algorithm": lambda: sign(claims(), "ES256", kid="RS256"),
    "kid unknown": lambda: sign(claims(), kid="../../etc/passwd"),
    "kid no text": lambda: forged({"alg": "ES256", "kid": ["ES256"]}, claims(), b"x" * 64),
    "another's key": lambda: sign(claims(), "RS256", OTHER_RSA),
    "another's key, embedded as jwk": lambda: sign(claims(), "ES256", OTHER_EC, jwk=OTHER_EC.as_dict(private=False)),
    "another's key, embedded, no kid": lambda: sign(
        claims(), "ES256", OTHER_EC, kid=None, jwk=OTHER_EC.as_dict(private=False)
    ),
    "another's key by jku": lambda: sign(claims(), "RS256", OTHER_RSA, jku="https://evil.example/jwks.json"),
    "another's key by x5u": lambda: sign(claims(), "RS256", OTHER_RSA, x5u="https://evil.example/cert.pem"),
    "algorithm we do not take": lambda: jws.serialize_compact(
        {"alg": "PS256", "kid": "RS256"}, json.dumps(claims()), RSA, ["PS256"]
    ),
    "critical header we do not know": lambda: sign(claims(), crit=["b64"], b64=False),
    "encrypted": lambda: forged({"alg": "dir", "enc": "A256GCM"}, claims()) + ".e30.e30",
    "payload no JSON": lambda: sign(b"oops"),
    "payload no object": lambda: sign(b"[]"),
    "exp missing": lambda: sign(claims(exp=None)),
    "exp no number": lambda: sign(claims(exp="tomorrow")),
    "exp true": lambda: sign(claims(exp=True)),
    "exp NaN": lambda: sign(b'{"sub":"a","exp":NaN}'),
    "exp Infinity": lambda: sign(b'{"sub":"a","exp":1e999}'),
    "exp too far ahead": lambda: sign(claims(exp=int(time.time()) + DAY_S + 300)),
    "nbf in the future": lambda: sign(claims(nbf=int(time.time()) + 300)),
    "nbf no number": lambda: sign(claims(nbf="now")),
    "aud of another site": lambda: sign(claims(aud="another")),
    "aud empty": lambda: sign(claims(aud=[])),
    "aud no text": lambda: sign(claims(aud=7)),
    "nobody": lambda: sign(claims(sub=None)),
    "sub empty": lambda: sign(claims(sub="")),
    "sub too long": lambda: sign(claims(sub="x" * 257)),
    "sub no text": lambda: sign(claims(sub=7)),
    "sub with a NUL": lambda: sign(claims(sub="a\0b")),
    "uuid that is none": lambda: sign(claims(uuid="C-1")),
    "too long": lambda: sign(claims(more="x" * TOKEN_LENGTH_MAX)),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_forged_and_faulty_tokens_are_refused(shop: Shop, attack: str) -> None:
    token = ATTACKS[attack]()

    answer = shop.send(token)

    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "token_invalid"), answer.text
    assert len(token) < 20 or token not in answer.text


@pytest.mark.parametrize("ago_s", [61, 3600])
def test_expired_token_says_so_and_nothing_is_kept(shop: Shop, ago_s: int) -> None:
    event = make_event()

    answer = shop.send(sign(claims(exp=int(time.time()) - ago_s - 1)), event)
    again = shop.send(sign(claims()), event)

    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "token_expired")
    assert again.json()["accepted"] == 1


def test_expired_and_forged_is_forged(shop: Shop) -> None:
    answer = shop.send(sign(claims(exp=5), "RS256", OTHER_RSA))

    assert answer.json()["error"]["code"] == "token_invalid"


@pytest.mark.parametrize(
    "token",
    [
        lambda: sign(claims(exp=int(time.time()) - 30)),
        lambda: sign(claims(nbf=int(time.time()) + 30)),
        lambda: sign(claims(exp=int(time.time()) + DAY_S)),
        lambda: sign(claims(exp=time.time() + 60.5)),
        lambda: sign(claims(), kid=None),
        lambda: sign(claims(), jku="https://evil.example/jwks.json", x5u="https://evil.example/c", own="header"),
        lambda: sign(claims(), jwk=OTHER_RSA.as_dict(private=False)),
        lambda: sign(claims(sub="Jürgen Ø 日本")),
        lambda: sign(claims(roles=["vip"], name={"first": "Ann"})),
    ],
    ids=["leeway of exp", "leeway of nbf", "a day", "fraction", "no kid", "links", "embedded", "any script", "more"],
)  # fmt: skip
def test_tokens_that_are_good(shop: Shop, token: Callable[[], str]) -> None:
    answer = shop.send(token())

    assert (answer.status_code, answer.json().get("accepted")) == (200, 1), answer.text


def test_audience_may_be_a_list_with_the_site_in_it(shop: Shop) -> None:
    assert shop.send(sign(claims(aud=["another", shop.site.id]))).status_code == 200


def identify(custom_id: str) -> dict[str, Any]:
    """An event that says who it is."""
    return make_event(action="client.identify", params={"customId": custom_id})


@pytest.mark.parametrize(
    ("who", "envelope", "event", "field"),
    [
        ({"uuid": UUID_A}, {"uuid": UUID_B}, make_event(uuid=None), "uuid"),
        ({"uuid": UUID_A}, {}, make_event(uuid=UUID_B), "events[0].uuid"),
        ({"sub": "C-1"}, {}, identify("C-2"), "events[0].params.customId"),
    ],
    ids=["envelope", "event", "identify"],
)  # fmt: skip
def test_token_for_somebody_else(
    shop: Shop, who: dict[str, str], envelope: dict[str, Any], event: dict[str, Any], field: str
) -> None:
    answer = shop.send(sign(claims(**who)), event, **envelope)

    assert (answer.status_code, answer.json()["error"]["code"], answer.json()["error"]["field"]) == (
        401,
        "token_invalid",
        field,
    )


def test_token_for_the_one_identified_is_good(shop: Shop) -> None:
    who = claims(sub="C-77", uuid=UUID_A)
    event = make_event(uuid=UUID_A.upper(), action="client.identify", params={"customId": "C-77"})

    assert shop.send(sign(who), event, uuid=UUID_A).json()["accepted"] == 1


def test_bad_event_beside_a_token_is_refused_by_itself(shop: Shop) -> None:
    answer = shop.send(sign(claims()), make_event(uuid="none"), make_event())

    assert (answer.json()["accepted"], answer.json()["rejected"][0]["code"]) == (1, "uuid_invalid")


def test_token_where_the_site_has_no_keys(shared: Running) -> None:
    answer = Shop(shared, shared.add_site()).send(sign(claims()))

    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "token_invalid")


def test_tokens_of_one_site_are_none_of_another(shop: Shop) -> None:
    token, other = sign(claims()), shop.running.add_site()
    add_key(shop.running, other.id, pem=pem(OTHER_EC).decode(), kid="ES256")

    assert shop.send(token).status_code == 200
    assert Shop(shop.running, other).send(token).status_code == 401


def test_keys_rotate_with_an_overlap_and_a_key_taken_away_ends_its_tokens_at_once(shared: Running) -> None:
    shop = Shop(shared, shared.add_site())
    old = add_key(shared, shop.site.id, pem=pem(EC).decode(), kid="2026")
    new = add_key(shared, shop.site.id, pem=pem(OTHER_EC).decode(), kid="2027")
    token, newer = sign(claims(), kid="2026"), sign(claims(), key=OTHER_EC, kid="2027")
    assert [shop.send(one).status_code for one in (token, newer, token)] == [200, 200, 200]

    with shared.client() as client:
        client.delete(f"/api/v1/sites/{shop.site.id}/signing-keys/{old['id']}").raise_for_status()
    listed = shared.get(f"/sites/{shop.site.id}/signing-keys")["items"]

    assert [shop.send(one).status_code for one in (token, newer)] == [401, 200]
    assert [(key["id"], key["active"]) for key in listed] == [(old["id"], False), (new["id"], True)]


def test_server_route_needs_no_token_and_looks_at_none(shop: Shop) -> None:
    with shop.running.client(shop.site.write) as client:
        answer = client.post("/api/v1/events", json={"token": "none", "events": [make_event()]})

    assert (answer.status_code, answer.json()["accepted"]) == (200, 1)
