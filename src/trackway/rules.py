"""Allowlists and denylists of actions: what a valid list is, and which rule decides about an action. Pure.

A rule is an action or a pattern in which `*` stands for any characters, none included. Deny wins over allow; an empty
allowlist allows all. The browser SDK decides the same way (`sdk/src/rules.ts`).
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

import msgspec

from trackway.errors import RequestRefused
from trackway.event import ACTION_LENGTH_MAX, action_fault

RULES_MAX = 500
"""Rules in one list: they travel inside the SDK's file."""
STARS_MAX = 4
"""Stars in one pattern: a browser tries every place for each of them."""
ACTIONS_REMEMBERED = 4_096
LISTS_REMEMBERED = 1_024

PATTERN = re.compile(r"[a-zA-Z0-9.\-_*]+\Z")

Mode = Literal["enforce", "report"]
RuleCode = Literal["denied", "not_allowed"]


class Rules(msgspec.Struct, frozen=True):
    """A site's rules as people write them."""

    mode: Mode = "enforce"
    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()


class Ruling(NamedTuple):
    """Why rules refuse an action. `rule` is the denylist's rule; empty when the allowlist has none for it."""

    code: RuleCode
    message: str
    rule: str


class Patterns:
    """A list of rules, made ready to be asked often: which of them is for an action?"""

    def __init__(self, patterns: Sequence[str]) -> None:
        self._exact = frozenset(pattern for pattern in patterns if "*" not in pattern)
        # Most patterns are `product.*`: these are looked up by the beginnings of the action, however many there are.
        self._begins = frozenset(pattern[:-1] for pattern in patterns if pattern.find("*") == len(pattern) - 1)
        self._lengths = sorted({len(begin) for begin in self._begins})
        self._starred = [pattern for pattern in patterns if -1 < pattern.find("*") < len(pattern) - 1]
        self._any = re.compile("|".join(f"({as_regex(pattern)})" for pattern in self._starred) or r"(?!)")

    def find(self, action: str) -> str | None:
        """The rule that is for the action, an exact one before patterns; None when there is none."""
        if action in self._exact:
            return action
        for length in self._lengths:
            if action[:length] in self._begins:
                return f"{action[:length]}*"
        found = self._any.match(action) if self._starred else None
        return self._starred[found.lastindex - 1] if found and found.lastindex else None


class Gate:
    """Rules at work. `whose` stands in messages: "this site" or "this API key". Decisions are remembered by action."""

    def __init__(self, rules: Rules, whose: str) -> None:
        self.mode: Mode = rules.mode
        self._rules = rules
        self._whose = whose
        self._known: dict[str, Ruling | None] = {}

    def rule_on(self, action: str) -> Ruling | None:
        """Why the lists refuse the action, whatever the mode; None: they let it pass."""
        known = self._known
        if action not in known:
            if len(known) >= ACTIONS_REMEMBERED:  # a site has few actions; this many are somebody's nonsense
                known.clear()
            known[action] = self._decide(action)
        return known[action]

    def _decide(self, action: str) -> Ruling | None:
        rule = patterns_of(self._rules.deny).find(action)
        if rule is not None:
            return Ruling("denied", f"The denylist of {self._whose} has the rule {rule}.", rule)
        if self._rules.allow and patterns_of(self._rules.allow).find(action) is None:
            return Ruling("not_allowed", f"The allowlist of {self._whose} has no rule for {action}.", "")
        return None


def gate_of(rules: Rules, whose: str) -> Gate | None:
    """The gate of rules; None where they let everything pass."""
    return Gate(rules, whose) if rules.allow or rules.deny else None


@lru_cache(LISTS_REMEMBERED)
def patterns_of(patterns: tuple[str, ...]) -> Patterns:
    """A list made ready, once for all snapshots that have it."""
    return Patterns(patterns)


def as_regex(pattern: str) -> str:
    """A pattern as a regular expression that never goes back: the first place of a middle piece is as good as any."""
    first, *middle, last = pattern.split("*")
    pieces = [f"(?>.*?{re.escape(piece)})" for piece in middle if piece]
    return f"{re.escape(first)}{''.join(pieces)}.*{re.escape(last)}\\Z"


def check_rules(mode: str, allow: Sequence[str], deny: Sequence[str]) -> Rules:
    """Rules as they are kept: each once. Raises RequestRefused(invalid_parameter) naming the rule at fault."""
    if mode not in ("enforce", "report"):
        raise RequestRefused("invalid_parameter", "mode must be enforce or report.", "mode")
    kept: Mode = "report" if mode == "report" else "enforce"
    return Rules(kept, check_list(allow, "allow"), check_list(deny, "deny"))


def check_list(patterns: Sequence[str], field: str) -> tuple[str, ...]:
    """One list of rules. `field` names it in errors. Raises RequestRefused(invalid_parameter)."""
    kept = tuple(dict.fromkeys(pattern.strip() for pattern in patterns))
    if len(kept) > RULES_MAX:
        raise RequestRefused("invalid_parameter", f"{field} has {len(kept)} rules; at most {RULES_MAX}.", field)
    for at, pattern in enumerate(kept):
        fault = pattern_fault(pattern)
        if fault:
            raise RequestRefused("invalid_parameter", f"{pattern!r} is no rule: {fault}", f"{field}[{at}]")
    return kept


def pattern_fault(pattern: str) -> str:
    """What is wrong with a rule; empty when nothing is."""
    if len(pattern) > ACTION_LENGTH_MAX:
        return f"it has {len(pattern)} characters; at most {ACTION_LENGTH_MAX}."
    if not PATTERN.match(pattern):
        return "write an action such as product.view, or a pattern such as product.*"
    if pattern.count("*") > STARS_MAX:
        return f"at most {STARS_MAX} stars."
    if "*" not in pattern and action_fault(pattern):
        return (
            f"no action is called that; write {pattern}.* for all that begin so."
            if "." not in pattern
            else ("an action has a dot with something on both sides.")
        )
    return ""
