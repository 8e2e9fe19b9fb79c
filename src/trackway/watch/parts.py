"""The parts of watching, handed together to whoever needs them."""

from typing import NamedTuple

from trackway.books.incidents import Incidents
from trackway.watch.deliver import Deliveries
from trackway.watch.rounds import Rounds


class Watch(NamedTuple):
    """What keeps incidents, what judges alerts, and what sends messages."""

    incidents: Incidents
    rounds: Rounds
    deliveries: Deliveries
