"""The books: the ledger, whose counts must balance, and the quarantine, where refused events are kept.

One SQLite file. A load's counts, its quarantined events, what became of replayed ones and the watermark ("settled up
to this group") are one transaction, so that a load done again after a crash is entered once.
"""

from trackway.books.balance import Account, Accounts, BalanceFilter
from trackway.books.ledger import Ledger
from trackway.books.pages import QuarantineFilter
from trackway.books.quarantine import Limits, Quarantined
from trackway.books.replays import Outcome

__all__ = [
    "Account",
    "Accounts",
    "BalanceFilter",
    "Ledger",
    "Limits",
    "Outcome",
    "QuarantineFilter",
    "Quarantined",
]
