"""What became of forms: submitted, left, and on which field people gave up?"""

from typing import Any

from trackway.insight.question import Scope, write_sql
from trackway.store.pool import Pool

FIELDS_MAX = 50
"""Fields listed of one form; the SDK reads no more of one."""


def ask_forms(scope: Scope) -> tuple[str, str, dict[str, Any]]:
    """The question about forms, the one about their fields, and the parameters of both."""
    where, values = scope.where()
    return write_sql("forms", WHERE=where), write_sql("forms_fields", WHERE=where), values


async def read_forms(pool: Pool, scope: Scope, limit: int) -> list[dict[str, Any]]:
    """At most `limit` forms, those with the most events first, each with its fields. Times in ms."""
    forms, fields, values = ask_forms(scope)
    found = await pool.rows(forms, values | {"limit": limit}, heavy=True)
    if not found:
        return []
    by_form: dict[str, list[dict[str, Any]]] = {row["form"]: [] for row in found}
    named = values | {"forms": list(by_form), "fields": FIELDS_MAX}
    for row in await pool.rows(fields, named, heavy=True):
        by_form[row.pop("form")].append(row)
    return [row | {"fields": by_form[row["form"]]} for row in found]
