"""Taking over what a store of an older Trackway knew of identifiers: each line as the claim that it was noted for.

It is done once; cut off, it is done again, and decides the same.
"""

from itertools import groupby

from trackway.books import Ledger
from trackway.load.identify import Claim, Draft, decide
from trackway.store.pool import Connection

EXISTS = "SELECT count() AS n FROM system.tables WHERE database = currentDatabase() AND name = 'identifiers'"
NOTED = """
SELECT site, toString(uuid) AS uuid, first_seen, kind, value FROM identifiers FINAL
ORDER BY first_seen, site, uuid, kind, value
"""


def adopt_identifiers(connection: Connection, ledger: Ledger) -> int:
    """Enter what the store's table of identifiers says into the books, and drop it; how many changes that was."""
    if not connection.rows(EXISTS)[0]["n"]:
        return 0
    draft = Draft(ledger.register, ledger.is_erased)
    noted = connection.rows(NOTED)
    for (first_seen, site, uuid), rows in groupby(noted, lambda row: (row["first_seen"], row["site"], row["uuid"])):
        named = {row["kind"]: row["value"] for row in rows}
        decide(draft, Claim(site, uuid, named, "identify", first_seen, 0, ""))
    ledger.adopt(draft.changes)
    connection.command("DROP TABLE identifiers SYNC")
    return len(draft.changes)
