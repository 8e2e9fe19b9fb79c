"""Readers' questions: those given up are ended in the engine, and nobody else's with them."""

import asyncio
from collections.abc import Iterator

import pytest
from clickhouse_connect.driver.exceptions import ClickHouseError

from trackway.store.pool import Pool

SLOW = "SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number, {number}) = 0"
"""Would go on until its limit of a minute."""
SETTLES_WITHIN_S = 20
RUNNING = """
SELECT extract(query, 'sipHash64.number, ([0-9])') AS number FROM system.processes
WHERE query LIKE '%FROM numbers(1000000000000)%' AND number != '' ORDER BY number
"""


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    """One event loop: the turns of heavy questions are a loop's."""
    with asyncio.Runner() as found:
        yield found


async def become(store: Pool, wanted: list[int]) -> None:
    """Wait until the engine holds these slow questions and no others."""
    async with asyncio.timeout(SETTLES_WITHIN_S):
        while [int(row["number"]) for row in await store.rows(RUNNING)] != wanted:  # noqa: ASYNC110 - the engine says nothing by itself
            await asyncio.sleep(0.05)


def ask(store: Pool, number: int) -> asyncio.Task[object]:
    """A slow, heavy question."""
    return asyncio.ensure_future(store.rows(SLOW.format(number=number), heavy=True))


def test_a_question_given_up_is_ended_and_its_room_is_free(store: Pool, runner: asyncio.Runner) -> None:
    async def give_up() -> None:
        slow = [ask(store, number) for number in range(3)]
        await become(store, [0, 1])
        slow[0].cancel()
        await become(store, [1, 2])
        assert [one.done() for one in slow] == [True, False, False]
        for one in slow:
            one.cancel()
        await become(store, [])
        assert await store.rows("SELECT 1 AS n", heavy=True) == [{"n": 1}]

    runner.run(give_up())


def test_one_that_waits_for_its_turn_never_begins(store: Pool, runner: asyncio.Runner) -> None:
    async def give_up() -> None:
        slow = [ask(store, number) for number in range(4)]
        await become(store, [0, 1])
        slow[2].cancel()
        slow[0].cancel()
        await become(store, [1, 3])
        for one in slow:
            one.cancel()
        await become(store, [])

    runner.run(give_up())


def test_one_given_up_as_it_begins_or_ends_takes_no_other_with_it(store: Pool, runner: asyncio.Runner) -> None:
    async def leave(number: int) -> None:
        quick = asyncio.ensure_future(store.rows("SELECT {n:UInt64} AS n", {"n": number}))
        await asyncio.sleep(0.001 * (number % 7))
        quick.cancel()

    async def stay(number: int) -> int:
        (row,) = await store.rows("SELECT {n:UInt64} AS n, sleep(0.005)", {"n": number})
        return int(row["n"])

    async def both() -> list[int]:
        answers = await asyncio.gather(*(one(number) for number in range(150) for one in (leave, stay)))
        return [answer for answer in answers if answer is not None]

    assert runner.run(both()) == list(range(150))
    runner.run(become(store, []))


@pytest.mark.parametrize(
    "fails",
    [
        "SELECT number, throwIf(number = 300000) FROM numbers(1000000)",
        "SELECT number, sleepEachRow(0.02) FROM numbers(100) SETTINGS max_block_size = 1, max_execution_time = 0.5",
        "SELECT number FROM (SELECT number FROM numbers(100000) UNION ALL SELECT length(groupArray(number))"
        " FROM numbers(100000000)) SETTINGS max_memory_usage = 100000000",
    ],
)
def test_what_a_failed_question_had_put_out_is_in_no_other_answer(store: Pool, fails: str) -> None:
    connection = store.connect(reader=True)
    try:
        for number in range(3):
            with pytest.raises(ClickHouseError):
                connection.rows(fails)
            assert connection.rows("SELECT {n:UInt64} AS n", {"n": number}) == [{"n": number}]
    finally:
        connection.close()


def test_nor_what_one_given_up_had(store: Pool, runner: asyncio.Runner) -> None:
    slow = "SELECT number, sleepEachRow(0.01) FROM numbers(1000) SETTINGS max_block_size = 1"

    async def give_up() -> None:
        leaving = [asyncio.ensure_future(store.rows(slow)) for _ in range(4)]
        await asyncio.sleep(0.2)
        for one in leaving:
            one.cancel()

    async def both() -> None:
        for _ in range(5):
            await give_up()
            asked = [store.rows("SELECT {n:UInt64} AS n", {"n": number}) for number in range(8)]
            assert await asyncio.gather(*asked) == [[{"n": number}] for number in range(8)]

    runner.run(both())
