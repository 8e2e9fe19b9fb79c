"""The contract of `trackway.spool.Spool`, run for each implementation. A new one is one line in FACTORIES."""

import asyncio
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from trackway.errors import StorageUnavailable
from trackway.spool import Group, Spool, SqliteSpool

MIB = 1024 * 1024
ALL = 2**40

Open = Callable[..., Spool]
"""Opens the spool of a folder; asked again, the same spool. Arguments: limit_bytes, start_after."""


def open_sqlite(folder: Path, limit_bytes: int = 64 * MIB, start_after: int = 0) -> Spool:
    return SqliteSpool(folder / "spool.sqlite", limit_bytes, start_after=start_after)


FACTORIES = [open_sqlite]


@pytest.fixture(params=FACTORIES)
def reopen(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Open]:
    """Opens the test's spool, closing what was open of it before."""
    opened: list[Spool] = []

    def again(**arguments: Any) -> Spool:
        if opened:
            opened.pop().close()
        opened.append(request.param(tmp_path, **arguments))
        return opened[0]

    yield again
    for spool in opened:
        spool.close()


def append(spool: Spool, *records: bytes) -> None:
    """Append one after another, each waited for."""

    async def each() -> None:
        for record in records:
            await spool.append(record)

    asyncio.run(each())


def append_together(spool: Spool, records: list[bytes]) -> list[BaseException | None]:
    """Append all at once; what became of each."""

    async def every() -> list[BaseException | None]:
        return await asyncio.gather(*(spool.append(record) for record in records), return_exceptions=True)

    return asyncio.run(every())


def payload(groups: list[Group]) -> bytes:
    return b"".join(group.payload for group in groups)


def read_all(spool: Spool, after: int = 0) -> list[Group]:
    return spool.read(after, ALL, 0)


def test_what_was_appended_is_read_in_order(reopen: Open) -> None:
    spool = reopen()
    append(spool, b"one", b"two", b"three")

    groups = read_all(spool)

    assert payload(groups) == b"onetwothree"
    assert [group.seq for group in groups] == sorted({group.seq for group in groups})


def test_reading_takes_nothing_away(reopen: Open) -> None:
    spool = reopen()
    append(spool, b"one", b"two")

    first, second = read_all(spool), read_all(spool)

    assert first == second
    assert read_all(spool, after=first[0].seq) == first[1:]


def test_records_are_there_after_reopening(reopen: Open) -> None:
    append(reopen(), b"one", b"two")

    assert payload(read_all(reopen())) == b"onetwo"


@pytest.mark.parametrize(("most_bytes", "expected"), [(0, 1), (3, 1), (5, 1), (6, 2), (8, 2), (9, 3), (ALL, 3)])
def test_page_is_limited_but_never_empty(reopen: Open, most_bytes: int, expected: int) -> None:
    spool = reopen()
    append(spool, b"aaa", b"bbb", b"ccc")

    assert len(spool.read(0, most_bytes, 0)) == expected


def test_reader_is_woken_by_the_first_record(reopen: Open) -> None:
    spool = reopen()
    with ThreadPoolExecutor(1) as threads:
        reading = threads.submit(spool.read, 0, ALL, 30)
        append(spool, b"one")

        assert payload(reading.result(10)) == b"one"


def test_reader_gives_up_when_nothing_comes(reopen: Open) -> None:
    assert reopen().read(0, ALL, 0.01) == []


def test_trim_forgets_up_to_and_including(reopen: Open) -> None:
    spool = reopen()
    append(spool, b"one", b"two", b"three")
    middle = read_all(spool)[1].seq

    spool.trim(middle)
    once = read_all(spool)
    spool.trim(middle)
    spool.trim(middle - 1)

    assert payload(once) == b"three"
    assert read_all(spool) == once
    assert (spool.backlog().groups, spool.backlog().bytes) == (1, 5)


def test_trim_beyond_the_end_is_no_error_and_loses_nothing_later(reopen: Open) -> None:
    spool = reopen()
    append(spool, b"one")

    spool.trim(read_all(spool)[-1].seq)
    append(spool, b"two")

    assert payload(read_all(spool)) == b"two"


def test_place_is_never_handed_out_twice(reopen: Open) -> None:
    """Even after the spool was emptied and opened again; a loader that asks for more than the last would stop."""
    seen: list[int] = []
    for _ in range(3):
        spool = reopen()
        append(spool, b"one", b"two")
        seen += [group.seq for group in read_all(spool)]
        spool.trim(seen[-1])

    assert seen == sorted(set(seen))
    assert len(seen) == 6


def test_places_begin_above_what_the_store_holds(reopen: Open) -> None:
    spool = reopen(start_after=1000)
    append(spool, b"one")
    first = read_all(spool)[0].seq

    spool = reopen(start_after=5)
    append(spool, b"two")

    assert first == 1001
    assert read_all(spool)[-1].seq == 1002


def test_start_above_a_filled_spool_keeps_what_is_in_it(reopen: Open) -> None:
    append(reopen(), b"one")

    spool = reopen(start_after=1000)
    append(spool, b"two")

    assert payload(read_all(spool)) == b"onetwo"
    assert read_all(spool)[-1].seq == 1001


def test_backlog_counts_what_waits(reopen: Open) -> None:
    spool = reopen()
    empty = spool.backlog()
    append(spool, b"12345", b"678")

    full, again = spool.backlog(), reopen().backlog()

    assert (empty.groups, empty.bytes, empty.trouble) == (0, 0, "")
    assert (full.groups, full.bytes, full.trouble) == (2, 8, "")
    assert again == full


def test_limit_refuses_and_keeps_nothing_until_there_is_room(reopen: Open) -> None:
    spool = reopen(limit_bytes=10)
    append(spool, b"x" * 11)

    with pytest.raises(StorageUnavailable) as refused:
        append(spool, b"y")
    told = spool.backlog().trouble
    kept = read_all(spool)
    spool.trim(kept[-1].seq)
    append(spool, b"z")

    assert (refused.value.status, refused.value.code) == (503, "storage_unavailable")
    assert refused.value.retry_after_s
    assert told
    assert payload(kept) == b"x" * 11
    assert payload(read_all(spool)) == b"z"
    assert spool.backlog().trouble == ""


def test_limit_holds_for_what_is_on_its_way(reopen: Open) -> None:
    """Many requests at once must not all pass a limit that one alone would have filled."""
    spool = reopen(limit_bytes=1000)

    outcomes = append_together(spool, [b"x" * 100] * 100)

    kept = sum(outcome is None for outcome in outcomes)
    assert 10 <= kept <= 11
    assert spool.backlog().bytes == kept * 100
    assert {type(outcome) for outcome in outcomes} == {type(None), StorageUnavailable}


def test_limit_is_the_same_after_many_appends_from_several_loops(reopen: Open) -> None:
    spool = reopen(limit_bytes=100_000)
    with ThreadPoolExecutor(4) as threads:
        for _ in range(10):
            list(threads.map(append_together, [spool] * 4, [[b"x" * 10] * 200] * 4))
            spool.trim(read_all(spool)[-1].seq)

    outcomes = append_together(spool, [b"x" * 1000] * 150)

    assert spool.backlog().bytes == sum(outcome is None for outcome in outcomes) * 1000 == 101_000


def test_many_at_once_share_commits(reopen: Open) -> None:
    spool = reopen()
    records = [b"%04d" % number for number in range(2000)]

    outcomes = append_together(spool, records)
    groups = read_all(spool)

    assert outcomes == [None] * 2000
    assert payload(groups) == b"".join(records)
    assert len(groups) < 500


def test_one_commit_is_bounded(reopen: Open) -> None:
    spool = reopen()

    append_together(spool, [b"x" * MIB] * 20)
    groups = read_all(spool)

    assert len(payload(groups)) == 20 * MIB
    assert max(len(group.payload) for group in groups) <= 8 * MIB


def test_append_after_close_is_refused(reopen: Open) -> None:
    spool = reopen()
    spool.close()

    with pytest.raises(StorageUnavailable):
        append(spool, b"late")

    assert read_all(reopen()) == []


def test_close_finishes_what_was_begun(reopen: Open) -> None:
    spool = reopen()

    async def begin_then_close() -> list[BaseException | None]:
        begun = [asyncio.ensure_future(spool.append(b"%03d" % number)) for number in range(100)]
        await asyncio.sleep(0)
        await asyncio.to_thread(spool.close)
        return await asyncio.gather(*begun, return_exceptions=True)

    outcomes = asyncio.run(begin_then_close())

    assert payload(read_all(reopen())) == b"".join(
        b"%03d" % number for number, outcome in enumerate(outcomes) if outcome is None
    )
    assert outcomes == [None] * 100


def test_request_that_went_away_disturbs_no_other(reopen: Open) -> None:
    spool = reopen()

    async def cancel_one_of_two() -> None:
        gone, stays = (asyncio.ensure_future(spool.append(record)) for record in (b"gone", b"stays"))
        await asyncio.sleep(0)
        gone.cancel()
        await stays

    asyncio.run(cancel_one_of_two())

    assert payload(read_all(spool)).endswith(b"stays")


def test_reader_and_writer_work_at_the_same_time(reopen: Open) -> None:
    spool, found, done = reopen(), list[Group](), threading.Event()

    def follow() -> None:
        while not done.is_set() or read_all(spool):
            groups = spool.read(found[-1].seq if found else 0, 1000, 0.05)
            if groups:
                found.extend(groups)
                spool.trim(groups[-1].seq)

    with ThreadPoolExecutor(1) as threads:
        following = threads.submit(follow)
        for start in range(0, 1000, 50):
            append_together(spool, [b"%04d" % number for number in range(start, start + 50)])
        done.set()
        following.result(30)

    assert payload(found) == b"".join(b"%04d" % number for number in range(1000))
    assert (spool.backlog().groups, spool.backlog().bytes) == (0, 0)


class SpoolModel(RuleBasedStateMachine):
    """Any order of calls: the spool says what a list would say, and places only grow."""

    open: Open

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="spool-model-"))
        self.spool = type(self).open(self.folder)
        self.model: list[Group] = []
        self.highest = 0

    @rule(record=st.binary(min_size=1, max_size=20))
    def append(self, record: bytes) -> None:
        append(self.spool, record)
        (found,) = self.spool.read(self.highest, ALL, 0)
        assert found.payload == record
        assert found.seq > self.highest
        self.highest = found.seq
        self.model.append(found)

    @rule(back=st.integers(0, 5))
    def trim(self, back: int) -> None:
        upto = max(0, self.highest - back)
        self.spool.trim(upto)
        self.model = [group for group in self.model if group.seq > upto]

    @rule(above=st.none() | st.integers(0, 3))
    def reopen(self, above: int | None) -> None:
        self.spool.close()
        start_after = 0 if above is None else self.highest + above
        self.spool = type(self).open(self.folder, start_after=start_after)
        self.highest = max(self.highest, start_after)

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def read_behind_any(self, data: st.DataObject) -> None:
        at = data.draw(st.integers(0, len(self.model) - 1))
        assert read_all(self.spool, self.model[at].seq) == self.model[at + 1 :]

    @invariant()
    def says_what_the_model_says(self) -> None:
        backlog = self.spool.backlog()
        assert read_all(self.spool) == self.model
        assert (backlog.groups, backlog.bytes) == (len(self.model), len(payload(self.model)))

    def teardown(self) -> None:
        self.spool.close()
        shutil.rmtree(self.folder)


class SqliteSpoolModel(SpoolModel):
    """The model, against SQLite."""

    open = staticmethod(open_sqlite)


TestSqliteSpoolModel = SqliteSpoolModel.TestCase
TestSqliteSpoolModel.settings = settings(max_examples=15, stateful_step_count=15, deadline=None)
