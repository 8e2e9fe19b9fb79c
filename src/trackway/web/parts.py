"""The parts that the web room joins, handed from one place to whoever needs them."""

from typing import NamedTuple

from sqlalchemy import Engine

from trackway.books import Ledger
from trackway.config import Config
from trackway.control.directory import Directory
from trackway.erase import Erasures
from trackway.insight.sql import Console
from trackway.insight.tail import Ring
from trackway.load.loop import Loader
from trackway.metrics import Metrics
from trackway.replay import Replays
from trackway.spool import Spool
from trackway.store.pool import Pool
from trackway.watch.parts import Watch


class Parts(NamedTuple):
    """One process's parts."""

    config: Config
    engine: Engine
    directory: Directory
    spool: Spool
    ledger: Ledger
    loader: Loader
    pool: Pool
    ring: Ring
    metrics: Metrics
    replays: Replays
    erasures: Erasures
    console: Console
    watch: Watch
    local_token: str
    """Lets the command line of this data folder in, as an admin."""
