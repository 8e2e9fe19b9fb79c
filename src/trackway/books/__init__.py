"""The books: the ledger, whose counts must balance, and the quarantine, where refused events are kept.

One SQLite file. A load's counts, its quarantined events and the watermark ("settled up to this group") are one
transaction, so that a load done again after a crash is entered once.
"""

from trackway.books.ledger import Account, Accounts, Ledger
from trackway.books.quarantine import Quarantined, QuarantineFilter

__all__ = ["Account", "Accounts", "Ledger", "QuarantineFilter", "Quarantined"]
