"""The store that the tests of this folder ask."""

import pytest

from tests.opened import open_store
from trackway.store.pool import Pool


@pytest.fixture(scope="session")
def store() -> Pool:
    """A migrated store, shared by all; rows are told apart by their site."""
    return open_store()
