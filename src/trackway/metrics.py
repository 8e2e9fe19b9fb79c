"""Every metric of the process, by name, in one place. `GET /metrics` shows them in Prometheus' text form."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest


class Metrics:
    """Counters and gauges of one process, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "trackway_collect_requests",
            "Collect requests, by route and answer",
            ["route", "code"],
            registry=self.registry,
        )
        self._events = Counter(
            "trackway_collect_events", "Events judged by the collector", ["verdict"], registry=self.registry
        )
        self._loaded = Counter("trackway_load_events", "Events loaded, by verdict", ["verdict"], registry=self.registry)
        self._answers: dict[tuple[str, str], Counter] = {}
        self._accepted = self._events.labels("accepted")
        self._rejected = self._events.labels("rejected")
        self._stored = self._loaded.labels("stored")

    def request(self, route: str, code: str) -> None:
        """One collect request answered; `code` is ok or an error code."""
        counter = self._answers.get((route, code))
        if counter is None:
            counter = self._answers[route, code] = self._requests.labels(route, code)
        counter.inc()

    def events(self, accepted: int, rejected: int) -> None:
        """Events judged in one request."""
        self._accepted.inc(accepted)
        if rejected:
            self._rejected.inc(rejected)

    def stored(self, events: int) -> None:
        """Events stored by one load."""
        self._stored.inc(events)

    def watch(self, name: str, help_text: str, read: Callable[[], float]) -> None:
        """A gauge whose value is read when it is shown."""
        Gauge(name, help_text, registry=self.registry).set_function(read)

    def text(self) -> bytes:
        """All of them, in Prometheus' text form."""
        return generate_latest(self.registry)
