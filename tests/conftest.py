"""Fixtures: real servers, each a process of its own on a folder of its own, asked over HTTP like any other."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.running import Running

Start = Callable[..., Running]


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One server for all tests that only add to it; each such test makes a site of its own (`shared.add_site()`)."""
    running = Running(tmp_path_factory.mktemp("shared"))
    running.start()
    yield running
    running.stop()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts servers for one test, each on `tmp_path` unless told otherwise; stops them at the end."""
    opened: list[Running] = []

    def begin(data: Path | None = None, **settings: str | int | float) -> Running:
        running = Running(data or tmp_path / "data", **settings)
        opened.append(running)
        running.start()
        return running

    yield begin
    for running in opened:
        running.stop()
