"""What is remembered for speed is bounded in bytes too: nobody can fill the memory with long texts."""

import pytest

from trackway.event import Refused, action_fault, check_action
from trackway.load.channel import host_of, remembered_host


def test_long_actions_are_refused_and_not_remembered() -> None:
    remembered = action_fault.cache_info().currsize

    for length in (33, 1_000_000):
        with pytest.raises(Refused) as refused:
            check_action("a." + "x" * length)
        assert refused.value.code == "action_too_long"

    assert action_fault.cache_info().currsize == remembered


def test_long_addresses_have_a_host_and_are_not_remembered() -> None:
    remembered = remembered_host.cache_info().currsize

    host = host_of("https://www.Shop.example/?q=" + "x" * 30_000)

    assert host == "shop.example"
    assert remembered_host.cache_info().currsize == remembered
