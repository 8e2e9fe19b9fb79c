"""A tracking plan read from a site, and pushed to it: definitions, rules and `declared_only`, in one transaction."""

import msgspec
from sqlalchemy import Engine

from trackway.control.audit import Author
from trackway.control.definitions import list_definitions, write_definitions
from trackway.control.sites import with_rules, write_columns
from trackway.plan import Plan, write_plan
from trackway.rules import Rules
from trackway.site import Site


class PlanChange(msgspec.Struct):
    """What pushing a plan changes. `declared` are new, `changed` were declared otherwise; `rules` and `declared_only`:
    None where they stay as they are.
    """

    declared: list[str]
    changed: list[str]
    undeclared: list[str]
    unchanged: int
    rules: Rules | None = None
    declared_only: bool | None = None


def pull_plan(engine: Engine, site: Site, as_json: bool) -> str:
    """A site's plan as text."""
    declared = [one for _, one in list_definitions(engine, site.id)]
    return write_plan(declared, site.settings.declared_only, site.rules, as_json)


def compare_plan(engine: Engine, site: Site, plan: Plan, prune: bool) -> PlanChange:
    """What pushing a plan would change of a site. `prune`: definitions that it does not name go."""
    before = {one.action: one for _, one in list_definitions(engine, site.id)}
    named = {one.action: one for one in plan.declared()}
    differing = [action for action, one in named.items() if before.get(action) != one]
    rules, only = plan.ruled(), plan.declared_only
    return PlanChange(
        declared=[action for action in differing if action not in before],
        changed=[action for action in differing if action in before],
        undeclared=sorted(set(before) - set(named)) if prune and plan.definitions is not None else [],
        unchanged=len(named) - len(differing),
        rules=None if rules == site.rules else rules,
        declared_only=None if only == site.settings.declared_only else only,
    )


def push_plan(  # noqa: PLR0913 - who, what, when
    engine: Engine, author: Author, site: Site, plan: Plan, change: PlanChange, now_ms: int
) -> None:
    """Make a site what a plan says, all of it or nothing. `change`: what `compare_plan` said of the two.

    Raises RequestRefused(invalid_parameter, conflict, not_found).
    """
    wanted = frozenset(change.declared + change.changed)
    differing = [one for one in plan.declared() if one.action in wanted]
    with engine.begin() as connection:
        write_definitions(connection, author, site.id, differing, now_ms, change.undeclared)
        if change.rules is not None:
            write_columns(connection, author, with_rules(site, change.rules), now_ms, "rules.put", ("rules",))
        if change.declared_only is not None:
            settings = msgspec.structs.replace(site.settings, declared_only=change.declared_only)
            held = msgspec.structs.replace(site, settings=settings)
            write_columns(connection, author, held, now_ms, "site.change", ("settings",))
