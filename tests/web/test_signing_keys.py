"""Signing keys through the API: what is taken, what is refused, and what is never shown."""

import json
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import ECKey

from tests.running import Running, SiteOf, wait_for
from tests.signing import EC, ED, RSA, SECRET, Shop, add_key, claims, encode, pem, sign


@pytest.fixture(scope="module")
def site(shared: Running) -> SiteOf:
    return shared.add_site()


PUBLIC = {"RS256": RSA, "ES256": EC, "EdDSA": ED}


@pytest.mark.parametrize("alg", PUBLIC)
def test_a_public_key_in_pem_or_jwk_says_its_algorithm_itself(shared: Running, alg: str) -> None:
    site = shared.add_site()

    by_pem = add_key(shared, site.id, pem=pem(PUBLIC[alg]).decode())
    by_jwk = add_key(shared, site.id, jwk=PUBLIC[alg].as_dict(private=False) | {"kid": "mine", "use": "sig"})

    assert (by_pem["alg"], by_pem["kid"], by_pem["active"]) == (alg, None, True)
    assert (by_jwk["alg"], by_jwk["kid"], by_jwk["jwk"]) == (alg, "mine", by_pem["jwk"])
    assert Shop(shared, site).send(sign(claims(), alg, kid="whatever")).status_code == 200


def test_a_secret_is_never_shown_again(shared: Running) -> None:
    site = shared.add_site()
    made = add_key(shared, site.id, secret=SECRET, kid="s")
    listed = shared.get(f"/sites/{site.id}/signing-keys")

    assert (made["alg"], made["jwk"]) == ("HS256", None)
    assert SECRET not in json.dumps([made, listed])
    assert encode(SECRET.encode()) not in json.dumps([made, listed])


WEAK = RSA.as_dict(private=False)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, None),
        ({"secret": SECRET, "pem": pem(RSA).decode()}, None),
        ({"secret": "short"}, "secret"),
        ({"secret": pem(RSA).decode()}, "secret"),
        ({"jwk": {"kty": "oct", "k": encode(pem(RSA))}}, "jwk.k"),
        ({"jwk": {"kty": "oct", "k": "!!"}}, "jwk.k"),
        ({"pem": bytes(RSA.as_pem(private=True)).decode()}, "pem"),
        ({"pem": "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"}, "pem"),
        ({"pem": pem(ECKey.generate_key("P-384")).decode()}, "pem"),
        ({"pem": pem(RSA).decode(), "alg": "HS256"}, "alg"),
        ({"pem": pem(RSA).decode(), "alg": "none"}, None),
        ({"jwk": RSA.as_dict(private=True)}, "jwk"),
        ({"jwk": {"kty": "RSA", "n": "AQAB", "e": "AQAB"}}, "jwk"),
        ({"jwk": {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}}, "jwk"),
        ({"jwk": {"kty": "EC", "crv": "secp256k1", "x": "AA", "y": "AA"}}, "jwk.kty"),
        ({"jwk": {"kty": ["RSA"]}}, "jwk.kty"),
        ({"jwk": WEAK | {"n": 7}}, "jwk"),
        ({"jwk": WEAK | {"alg": "PS256"}}, "jwk.alg"),
        ({"secret": SECRET, "kid": ""}, None),
    ],
)  # fmt: skip
def test_keys_that_are_refused(shared: Running, site: SiteOf, body: dict[str, Any], field: str | None) -> None:
    with shared.client() as client:
        answer = client.post(f"/api/v1/sites/{site.id}/signing-keys", json=body)

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_parameter"), answer.text
    assert field is None or answer.json()["error"]["field"] == field
    assert "BEGIN" not in answer.text.replace("-----BEGIN PUBLIC KEY-----.", "")


def test_one_active_key_of_a_kid_and_ten_in_all(shared: Running) -> None:
    site = shared.add_site()
    for number in range(10):
        add_key(shared, site.id, secret=f"{SECRET}{number}", kid=f"k{number}")
    with shared.client() as client:
        path = f"/api/v1/sites/{site.id}/signing-keys"
        same = client.post(path, json={"secret": SECRET, "kid": "k1"})
        eleventh = client.post(path, json={"secret": SECRET, "kid": "new"})

    assert [(one.status_code, one.json()["error"]["code"]) for one in (same, eleventh)] == [(409, "conflict")] * 2


def test_keys_by_command_line(shared: Running, tmp_path: Path) -> None:
    shop = Shop(shared, shared.add_site())
    (tmp_path / "key.pem").write_bytes(pem(EC))
    (tmp_path / "key.jwk").write_text(json.dumps(RSA.as_dict(private=False)))
    (tmp_path / "secret").write_text(f"{SECRET}\n")
    command = ("signing-key", "add", "--site", shop.site.id, "--json")
    made = [
        json.loads(shared.command(*command, str(tmp_path / one)).stdout) for one in ("key.pem", "key.jwk", "secret")
    ]
    wait_for(lambda: shop.send(sign(claims(), "HS256")).status_code == 200, 2)

    shared.command("signing-key", "remove", made[0]["id"], "--site", shop.site.id)
    wait_for(lambda: shop.send(sign(claims(), "ES256")).status_code == 401, 2)
    listed = shared.command("signing-key", "list", "--site", shop.site.id).stdout
    refused = shared.command(*command, str(tmp_path / "none"), check=False)

    assert [(one["alg"], one["kid"]) for one in made] == [("ES256", None), ("RS256", None), ("HS256", None)]
    assert [line.split("\t")[3] for line in listed.splitlines()] == ["taken away", "active", "active"]
    assert shop.send(sign(claims(), "RS256")).status_code == 200
    assert (refused.returncode, len(refused.stderr.splitlines())) == (1, 1)
