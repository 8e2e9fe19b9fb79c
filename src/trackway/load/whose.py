"""Whose each event of a load is: decided in order of arrival, from what was known before the load.

What it decides about who is who goes into the books when the load is settled, so that a load cut off and done again
decides the same.
"""

from collections.abc import Callable

import msgspec

from trackway.books.erasures import digest_of
from trackway.books.register import Register
from trackway.load.identify import NOBODY, Draft, decide
from trackway.load.unfold import Load, turn_away
from trackway.store.row import Row
from trackway.store.writer import Positions

NOBODYS_UUID = "00000000-0000-0000-0000-000000000000"
"""Of an event that came before and named no device: it is not stored again."""


class Whose:
    """Decides loads. `erased_on`: digests of the customers of a site that were erased; nothing of them is taken."""

    def __init__(self, register: Register, erased_on: Callable[[str], frozenset[str]]) -> None:
        self._register = register
        self._erased_on = erased_on

    def decide(self, load: Load, known: Positions) -> None:
        """Fill in whose the load's rows are, turn away what is of the erased, and note what they say of who is who.

        `known`: the positions of ids that are stored. An event that came before says nothing new.
        """
        load.is_decided = True
        sites = {record.site for record, _ in load.records}
        if not load.claims and not any(self._register.has_switches(site) or self._erased_on(site) for site in sites):
            return  # each event is its own device's, as most are
        draft = Draft(self._register, self._is_erased)
        came: set[tuple[str, str]] = set()
        kept: list[Row] = []
        for row in load.rows:
            claim = load.claims.get(row.position)
            if claim is not None:
                key = (row.site, row.id)
                is_new = key not in came and known.get(key, row.position) == row.position
                came.add(key)
                row.customer = decide(draft, claim if is_new else msgspec.structs.replace(claim, identifiers={}))
                if not row.uuid:
                    row.customer = row.uuid = row.customer or (NOBODY if is_new else NOBODYS_UUID)
            elif self._register.has_switches(row.site) or draft.changes:
                row.customer = draft.holder(row.site, row.uuid, row.time, row.position)
            if row.customer == NOBODY or self._is_erased(row.site, row.customer):
                turn_away(load, row, "denied")
            else:
                kept.append(row)
        load.rows = kept
        load.changes = draft.changes

    def _is_erased(self, site: str, customer: str) -> bool:
        erased = self._erased_on(site)
        return bool(erased) and digest_of(site, customer) in erased
