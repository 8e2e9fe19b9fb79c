"""Rules by table and by property: which rule is for an action, what a valid list is, and that a preview is true."""

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trackway.books.quarantine import quarantined
from trackway.collect.decode import Batch
from trackway.collect.verdicts import Sender, make_record
from trackway.errors import RequestRefused
from trackway.event import ACTION_LENGTH_MAX
from trackway.insight.preview import Received, action_in, decide
from trackway.record import Record
from trackway.rules import (
    ACTIONS_REMEMBERED,
    RULES_MAX,
    STARS_MAX,
    Gate,
    Mode,
    Patterns,
    Rules,
    check_rules,
    gate_of,
)
from trackway.site import ApiKey, Site

UUID = "0192f0c4-7d7a-7cc3-a1b2-3c4d5e6f7081"
RECEIVED = 1_700_000_000_000

# The same table as sdk/test/rules.test.ts: browser and server must decide alike.
CASES: list[tuple[str, list[str], list[str], str]] = [
    ("product.buy", [], [], ""),
    ("product.buy", ["product.*"], [], ""),
    ("product.buy", ["page.*"], [], "not_allowed"),
    ("product.buy", ["product.*"], ["product.buy"], "denied"),
    ("product.buy", ["product.buy"], ["*"], "denied"),
    ("product.buyer", [], ["product.buy"], ""),
    ("productXbuy", [], ["product.buy"], ""),
    ("my-shop.buy_1", ["my-shop.*_1"], [], ""),
    ("a.b.c", ["a.*"], [], ""),
    ("a.b", [], ["*.b"], "denied"),
    ("a.b", [], ["a.*b"], "denied"),
    ("a.bc", [], ["a.*b"], ""),
    ("shop.item.buy", [], ["*item*buy"], "denied"),
    ("Product.buy", [], ["product.*"], ""),
]


@pytest.mark.parametrize(("action", "allow", "deny", "code"), CASES)
def test_which_rule_decides(action: str, allow: list[str], deny: list[str], code: str) -> None:
    gate = gate_of(check_rules("enforce", allow, deny), "this site")
    ruling = gate.rule_on(action) if gate else None

    assert (ruling.code if ruling else "") == code


def test_message_names_the_rule() -> None:
    gate = Gate(Rules(allow=("page.*",), deny=("product.sec*",)), "this site")

    denied, not_allowed = gate.rule_on("product.secret"), gate.rule_on("product.view")

    assert denied is not None
    assert not_allowed is not None
    assert (denied.rule, denied.message) == (
        "product.sec*",
        "The denylist of this site has the rule product.sec*.",
    )
    assert not_allowed.message == "The allowlist of this site has no rule for product.view."


def test_no_lists_are_no_gate() -> None:
    assert gate_of(Rules("enforce"), "this site") is None


LETTERS = st.sampled_from("ab.-_")
PATTERNS = st.text(LETTERS | st.just("*"), min_size=1, max_size=8)
ACTIONS = st.text(LETTERS, min_size=1, max_size=8)


@given(st.lists(PATTERNS, max_size=4), ACTIONS)
def test_patterns_find_what_the_plain_reading_finds(patterns: list[str], action: str) -> None:
    def plain(pattern: str) -> bool:
        return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), action) is not None

    found = Patterns(patterns).find(action)

    assert (found is not None) == any(map(plain, patterns))
    assert found is None or plain(found)


def test_pattern_made_to_be_slow_is_not() -> None:
    """Backtracking would take some 10^8 steps."""
    patterns = Patterns(["*a" * 15 + "b"])

    assert patterns.find("a" * ACTION_LENGTH_MAX) is None


def test_gate_forgets_before_it_grows_without_end() -> None:
    gate = Gate(Rules(deny=("x.*",)), "this site")

    codes = {ruling.code for at in range(2 * ACTIONS_REMEMBERED) if (ruling := gate.rule_on(f"x.{at}"))}

    assert codes == {"denied"}
    assert gate.rule_on("y.1") is None


@pytest.mark.parametrize(
    ("mode", "allow", "deny", "field"),
    [
        ("off", [], [], "mode"),
        ("enforce", [""], [], "allow[0]"),
        ("enforce", ["a.b", "product"], [], "allow[1]"),
        ("enforce", [], ["a b.c"], "deny[0]"),
        ("enforce", [], ["pröduct.*"], "deny[0]"),
        ("enforce", [], [".x"], "deny[0]"),
        ("enforce", [], ["a." + "x" * ACTION_LENGTH_MAX], "deny[0]"),
        ("enforce", [], ["*." * (STARS_MAX + 1)], "deny[0]"),
        ("enforce", [], [f"a.b{at}" for at in range(RULES_MAX + 1)], "deny"),
    ],
)
def test_lists_that_are_refused(mode: str, allow: list[str], deny: list[str], field: str) -> None:
    with pytest.raises(RequestRefused) as refused:
        check_rules(mode, allow, deny)

    assert (refused.value.code, refused.value.field) == ("invalid_parameter", field)


def test_lists_are_kept_once_and_in_order() -> None:
    assert check_rules("report", [" b.* ", "a.b", "b.*"], []) == Rules("report", ("b.*", "a.b"), ())


SOME_ACTIONS = st.sampled_from(["page.visit", "a.b", "a.c", "b.a", "a.b.c", "nodot", "", "session.end"])
SOME_RULES = st.lists(st.sampled_from(["a.*", "a.b", "*.b", "b.*", "*", "page.*", "*a*"]), max_size=3)
LISTS = st.tuples(SOME_RULES, SOME_RULES)


def rules_of(lists: tuple[list[str], list[str]], mode: Mode = "enforce") -> Rules:
    return check_rules(mode, *lists)


def collect(actions: list[str], site: Rules, key: ApiKey | None) -> Record:
    """The collector's verdicts on events with these actions."""
    shop = Site("s", "s", "tracker", rules=site, gate=gate_of(site, "this site"))
    events: list[Any] = [
        {"action": action, "uuid": UUID, "id": f"00000000-0000-4000-8000-{at:012d}", "params": {"url": "x"}}
        for at, action in enumerate(actions)
    ]
    sender = Sender(shop, key.id if key else "tracker", key is not None, "", "", key.gate if key else None)
    return make_record(sender, Batch(events, clean=True), RECEIVED)


def fates(record: Record) -> dict[str, str]:
    """What became of each event of a record, by its id."""
    refused = {str(refusal.why.id): refusal.why.code for refusal in record.refused}
    return {event.id: "stored" for event in record.events} | refused


def as_found(record: Record) -> list[Received]:
    """A record's events as preview finds them: the stored in the store, the refused in the quarantine."""
    rows = [quarantined(record, refusal, at, at, "") for at, refusal in enumerate(record.refused, len(record.events))]
    stored = [
        Received(at, event.id, event.action, record.key, record.received, "stored")
        for at, event in enumerate(record.events)
    ]
    refused = [
        Received(row.position, row.id, action_in(row.event), row.key, row.received, row.code)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        for row in rows
    ]
    return [*stored, *refused]


@settings(max_examples=300)
@given(st.lists(SOME_ACTIONS, max_size=12), LISTS, LISTS, st.none() | LISTS, st.sampled_from(["enforce", "report"]))
def test_preview_is_what_enforcing_does(
    actions: list[str],
    held: tuple[list[str], list[str]],
    proposed: tuple[list[str], list[str]],
    own: tuple[list[str], list[str]] | None,
    mode: Mode,
) -> None:
    """Over the same events: collected under other rules and looked at afterwards, or collected under the proposed."""
    lists = rules_of(own or ([], []))
    key_gate = gate_of(lists, "this API key")
    key = ApiKey("k", None, "events:write", "", 0, None, gate=key_gate) if own else None
    wanted = rules_of(proposed)

    enforced = fates(collect(actions, wanted, key))
    seen = decide(
        as_found(collect(actions, rules_of(held, mode), key)),
        gate_of(wanted, "this site"),
        lambda name: key_gate if name == "k" else None,
    )

    counted = {code: list(enforced.values()).count(code) for code in set(enforced.values())}
    assert seen["accepted"] == counted.pop("stored", 0)
    assert seen["rejected"] == counted
    for group in seen["actions"]:
        for example in group["examples"]:
            assert enforced[example["id"]] == (group["code"] or "stored")


@given(st.lists(SOME_ACTIONS, max_size=12), LISTS)
def test_report_changes_nothing_but_marks(actions: list[str], lists: tuple[list[str], list[str]]) -> None:
    free = collect(actions, Rules(), None)
    reported = collect(actions, rules_of(lists, "report"), None)
    enforced = fates(collect(actions, rules_of(lists), None))

    assert fates(reported) == fates(free)
    assert {event.id: event.would_reject or "stored" for event in reported.events} == {
        event.id: enforced[event.id] for event in reported.events
    }
