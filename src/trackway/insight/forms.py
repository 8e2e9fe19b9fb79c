"""What became of forms: submitted, left, on which field people gave up, and what was submitted?"""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from trackway.insight.behind import Behind
from trackway.insight.filters import encode_cursor
from trackway.insight.person import CUSTOMER
from trackway.insight.question import UNITS, Scope, write_sql
from trackway.store.pool import Pool
from trackway.values import TOLD, fields_of

FIELDS_MAX = 50
"""Fields listed of one form; the SDK reads no more of one."""
Became = Literal["started", "submitted", "left"]
BECAME: Mapping[Became, str] = {
    "started": "true",
    "submitted": "action = 'form.submit'",
    "left": "action = 'form.abandon'",
}
"""What became of a form each time something was put into it: every time ends as submitted or left."""
FIRST = (2**62, 2**63 - 1)
"""Before every submission: where the first page begins."""


def ask_forms(scope: Scope) -> tuple[str, str, dict[str, Any]]:
    """The question about forms, the one about their fields, and the parameters of both."""
    where, values = scope.where()
    unit = UNITS["session"].replace("person", CUSTOMER)
    return write_sql("forms", WHERE=where), write_sql("forms_fields", WHERE=where, UNIT=unit), values


async def read_forms(pool: Pool, scope: Scope, limit: int) -> list[dict[str, Any]]:
    """At most `limit` forms, those with the most events first, each with its fields. Times in ms."""
    forms, fields, values = ask_forms(scope)
    found = await pool.rows(forms, values | {"limit": limit}, heavy=True)
    if not found:
        return []
    by_form: dict[str, list[dict[str, Any]]] = {row["form"]: [] for row in found}
    named = values | {"forms": list(by_form), "fields": FIELDS_MAX, "told": list(TOLD)}
    for row in await pool.rows(fields, named, heavy=True):
        by_form[row.pop("form")].append(row)
    return [row | {"fields": by_form[row["form"]]} for row in found]


def ask_forms_behind(scope: Scope, form: str, became: Became) -> Behind:
    """The customers who started, submitted or left a form; each time is a unit."""
    where, values = scope.where()
    return Behind(write_sql("forms_behind", WHERE=where), BECAME[became], values | {"form": form})


def ask_submissions(scope: Scope) -> tuple[str, dict[str, Any]]:
    """The question about the submissions of one form, with its parameters."""
    where, values = scope.where()
    return write_sql("forms_submissions", WHERE=where), values


async def list_submissions(  # noqa: PLR0913 - the question, and which page of its answer
    pool: Pool, scope: Scope, form: str, values_too: bool, limit: int, before: tuple[int, int] | None
) -> tuple[list[dict[str, Any]], str | None]:
    """A page of a form's submissions, the newest first, and the next cursor; what was put in if `values_too`."""
    sql, values = ask_submissions(scope)
    time, position = before or FIRST
    asked = values | {"form": form, "limit": limit + 1, "before_time": time, "before_position": position}
    rows = await pool.rows(sql, asked, heavy=True)
    page = rows[:limit]
    following = encode_cursor(page[-1]["time"], page[-1]["position"]) if len(rows) > limit else None
    for row in page:
        put_in = fields_of(msgspec.json.decode(row.pop("params")))
        row |= {"fields": [*put_in], "values": put_in if values_too else None}
    return page, following
