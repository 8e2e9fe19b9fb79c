"""The API as it describes itself: schemathesis sends what the description allows, and what it does not."""

from collections.abc import Iterator
from typing import Any, cast

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import checks
from schemathesis.specs.openapi import checks as openapi_checks

from tests.running import PASSWORD, Running

EXAMPLES = 12
ENDLESS = "/api/v1/sites/{site}/live"
HARMFUL = ("/api/v1/login", "/api/v1/login/oidc/callback", "/api/v1/logout")
"""Sent by the hundred, these would lock the tests' own address out."""

EVERY, OPENAPI = cast("Any", checks), cast("Any", openapi_checks)
ANSWERS = (EVERY.not_a_server_error, OPENAPI.status_code_conformance, OPENAPI.content_type_conformance)
SHAPES = (OPENAPI.response_schema_conformance,)


@pytest.fixture(scope="module")
def probed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server for this file: what is sent here may change anything."""
    running = Running(tmp_path_factory.mktemp("openapi") / "data")
    running.start()
    site = running.add_site()
    running.collect({"key": site.key, "events": [{"action": "a.b", "uuid": "0192f0c4-7d7a-7cc3-a1b2-3c4d5e6f7081"}, 5]})
    running.settled(site.id, 2)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def description(probed: Running) -> dict[str, Any]:
    return httpx.get(f"{probed.url}/api/v1/openapi.json").raise_for_status().json()


def operations(description: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"{method} {path}", operation)
        for path, item in description["paths"].items()
        for method, operation in item.items()
    ]


def test_description_is_openapi_3_1(description: dict[str, Any]) -> None:
    assert description["openapi"].startswith("3.1")
    assert description["info"]["title"] == "Trackway"


def test_every_operation_says_what_it_is_for(description: dict[str, Any]) -> None:
    for name, operation in operations(description):
        assert operation.get("summary"), name
        assert operation.get("tags"), name
        assert operation["responses"], name


def test_operation_ids_are_unique(description: dict[str, Any]) -> None:
    ids = [operation["operationId"] for _, operation in operations(description)]

    assert len(ids) == len(set(ids))


def test_docs_page_needs_no_other_host(probed: Running) -> None:
    page = httpx.get(f"{probed.url}/api/docs")

    assert page.status_code == 200
    assert "https://" not in page.text.replace("https://www.w3.org", "").replace("https://json-schema.org", "")


def probe(running: Running, checks_made: tuple[Any, ...], examples: int) -> list[str]:
    """What fails when each operation is sent examples of what it says it takes; half of them name the real site."""
    schema = schemathesis.openapi.from_url(f"{running.url}/api/v1/openapi.json", timeout=30)
    headers = {"Authorization": f"Bearer {running.token()}"}
    site = running.get("/sites")["items"][-1]["id"]
    failures: list[str] = []

    def send(case: Any, real: bool) -> None:
        if real and "site" in case.path_parameters:
            case.path_parameters["site"] = site
        answer = case.call(headers=headers, timeout=30)
        try:
            case.validate_response(answer, checks=checks_made)
        except (AssertionError, BaseExceptionGroup) as failure:
            each = failure.exceptions if isinstance(failure, BaseExceptionGroup) else [failure]
            failures.extend(f"{case.method} {case.formatted_path} {answer.status_code}: {one}" for one in each)

    bounded = settings(
        max_examples=examples, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
    )  # fmt: skip
    chosen = cast("Any", schema.exclude(path=[ENDLESS, *HARMFUL]))
    for operation in chosen.get_all_operations():
        bounded(given(case=operation.ok().as_strategy(), real=st.booleans())(send))()
    return failures


def test_no_request_makes_the_server_fail(probed: Running) -> None:
    failures = probe(probed, ANSWERS, EXAMPLES)

    assert not failures, "\n\n".join(failures[:5])


def test_answers_have_the_shapes_described(probed: Running) -> None:
    failures = probe(probed, SHAPES, EXAMPLES)

    assert not failures, "\n\n".join(failures[:5])


@pytest.mark.parametrize("body", [b"", b"{", b"null", b"[]", b'"x"', b'{"name":null,"password":[]}', b"\xff"])
def test_strange_logins_are_refused_and_fail_nothing(probed: Running, body: bytes) -> None:
    answer = httpx.post(f"{probed.url}/api/v1/login", content=body, headers={"content-type": "application/json"})

    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "invalid_parameter"


def test_password_that_is_right_is_right(probed: Running) -> None:
    answer = httpx.post(f"{probed.url}/api/v1/login", json={"name": "admin", "password": PASSWORD})

    assert answer.status_code == 200
