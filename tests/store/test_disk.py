"""Parts that a full disk left without content, as chDB leaves them: found, taken out, and written again."""

import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest

from tests.store.test_writer import make_row, stored
from trackway.store import disk as disk_module
from trackway.store.copy import WholesCopy
from trackway.store.disk import StoreDisk, StoreTrouble
from trackway.store.pool import Connection, Pool
from trackway.store.writer import Writer

NEWEST = "SELECT path FROM system.parts WHERE active AND table = 'events' ORDER BY modification_time DESC, name DESC"


@pytest.fixture
def connection(store: Pool) -> Iterator[Connection]:
    connection = store.connect()
    connection.command("SYSTEM STOP MERGES events")
    yield connection
    connection.command("SYSTEM START MERGES events")
    connection.close()


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """No disk has that much room."""
    monkeypatch.setattr(disk_module, "ROOM_LEAST_BYTES", 2**62)


def paths_with(connection: Connection, site: str) -> list[Path]:
    """The folders of the parts that hold a site's events."""
    found = connection.rows(
        "SELECT path FROM system.parts WHERE active AND name IN (SELECT _part FROM events WHERE site = {site:String})",
        {"site": site},
    )
    return [Path(row["path"]) for row in found]


def store_one(connection: Connection) -> tuple[str, Path]:
    """Store one event of a site of its own; the site, and the folder of its part."""
    site = f"site-{uuid.uuid4().hex[:12]}"
    Writer(connection).write([make_row(site, 1)])
    (folder,) = paths_with(connection, site)
    return site, folder


@pytest.mark.parametrize("name", ["data.bin", "data.cmrk4", "checksums.txt", "by_uuid.proj/data.bin", "columns.txt"])
def test_part_without_content_is_taken_out_and_its_events_are_written_again(
    connection: Connection, store: Pool, tmp_path: Path, name: str
) -> None:
    writer = Writer(connection, StoreDisk(connection, tmp_path))
    before, site = f"site-{uuid.uuid4().hex[:12]}", f"site-{uuid.uuid4().hex[:12]}"
    writer.write([make_row(before, 1)])
    rows = [make_row(site, position) for position in range(5)]
    writer.write(rows)
    (folder,) = paths_with(connection, site)
    os.truncate(folder / name, 0)

    with pytest.raises(StoreTrouble, match=folder.name):
        StoreDisk(connection, tmp_path).suspect()

    assert stored(connection, site) == []
    assert len(stored(connection, before)) == 1
    assert len(writer.write(rows).stored) == 5
    assert [row.position for row in stored(connection, site)] == list(range(5))


@pytest.mark.usefixtures("short")
def test_short_disk_lets_nothing_begin_and_whole_parts_stay(connection: Connection, tmp_path: Path) -> None:
    site = f"site-{uuid.uuid4().hex[:12]}"
    Writer(connection).write([make_row(site, 1)])
    disk = StoreDisk(connection, tmp_path)
    writer = Writer(connection, disk)

    with pytest.raises(StoreTrouble, match="MiB left"):
        writer.write([make_row(site, 2)])
    disk.confirm()

    assert [row.position for row in stored(connection, site)] == [1]


@pytest.mark.usefixtures("short")
def test_what_was_written_last_is_read_again_on_a_short_disk(connection: Connection, tmp_path: Path) -> None:
    """Its files are as long as they should be, so that only reading them tells."""
    disk = StoreDisk(connection, tmp_path)
    site, folder = store_one(connection)
    (folder / "data.bin").write_bytes(bytes((folder / "data.bin").stat().st_size))

    with pytest.raises(StoreTrouble, match=folder.name):
        disk.confirm()

    assert stored(connection, site) == []


def test_part_cut_short_is_found_though_the_disk_has_room_again(connection: Connection, tmp_path: Path) -> None:
    disk = StoreDisk(connection, tmp_path)
    site, folder = store_one(connection)
    os.truncate(folder / "data.cmrk4", 100)

    with pytest.raises(StoreTrouble, match=folder.name):
        disk.confirm()

    assert stored(connection, site) == []


def test_broken_part_is_mended_whichever_question_meets_it(connection: Connection, tmp_path: Path) -> None:
    """A merge is broken between two loads; the next load begins by asking which ids are there."""
    site = f"site-{uuid.uuid4().hex[:12]}"
    writer = Writer(connection, StoreDisk(connection, tmp_path))
    connection.command("SYSTEM START MERGES events")
    rows = [make_row(site, position) for position in range(5)]
    for row in rows:
        writer.write([row])
    connection.command("OPTIMIZE TABLE events FINAL")
    (folder,) = paths_with(connection, site)
    for file in folder.rglob("*.cmrk*"):
        os.truncate(file, 0)
    connection.command("SYSTEM DROP MARK CACHE")

    with pytest.raises(StoreTrouble, match=folder.name):
        writer.known(rows)

    assert len(writer.known(rows)) == 5
    assert [row.position for row in stored(connection, site)] == list(range(5))


def test_broken_merge_is_found_where_nothing_is_written(
    connection: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = StoreDisk(connection, tmp_path)
    _, folder = store_one(connection)
    os.truncate(folder / "checksums.txt", 0)
    disk.look()
    monkeypatch.setattr(disk_module, "COMPARE_EVERY_S", -1)

    with pytest.raises(StoreTrouble, match=folder.name):
        disk.look()


class Books:
    """What the books say of wholes: two devices that are one customer."""

    rows: ClassVar[list[dict[str, Any]]] = [
        {"site": "copied", "customer": str(uuid.UUID(int=number)), "whole": str(uuid.UUID(int=1)), "version": number}
        for number in (2, 3)
    ]

    def version(self) -> int:
        return 3

    def newer(self, version: int, limit: int) -> list[dict[str, Any]]:
        return [row for row in self.rows if row["version"] > version][:limit]


def test_copy_of_the_books_that_was_cut_short_is_made_again(connection: Connection, tmp_path: Path) -> None:
    disk, copied = StoreDisk(connection, tmp_path), "SELECT count() AS n FROM merged WHERE site = 'copied'"
    copy = WholesCopy(connection, disk)
    connection.command("TRUNCATE TABLE merged")
    copy.follow(Books(), 0.0)
    (part,) = connection.rows("SELECT path FROM system.parts WHERE active AND table = 'merged'")
    os.truncate(Path(part["path"]) / "data.bin", 0)

    with pytest.raises(StoreTrouble):
        disk.confirm()
    copy.follow(Books(), 0.0)

    assert connection.rows(copied)[0]["n"] == 2
    disk.confirm()
    connection.command("TRUNCATE TABLE merged")


def test_column_of_nothing_but_the_usual_is_no_broken_part(
    connection: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such a column's file is empty once a part with a file for each column is changed."""
    site = f"site-{uuid.uuid4().hex[:12]}"
    connection.command("ALTER TABLE events MODIFY SETTING min_bytes_for_wide_part = 1, min_rows_for_wide_part = 1")
    connection.command("SYSTEM START MERGES events")
    disk = StoreDisk(connection, tmp_path)
    Writer(connection).write([make_row(site, position) for position in range(500)])
    connection.command(
        "ALTER TABLE events DELETE WHERE site = {site:String} AND position = 7 SETTINGS mutations_sync = 2",
        {"site": site},
    )
    connection.command("ALTER TABLE events RESET SETTING min_bytes_for_wide_part, min_rows_for_wide_part")
    (folder,) = paths_with(connection, site)
    checked: list[str] = []

    def note(_: str, part: str) -> bool:
        checked.append(part)
        return True

    monkeypatch.setattr(disk, "_is_whole", note)

    disk.confirm()

    assert len(stored(connection, site)) == 499
    assert any(file.stat().st_size == 0 for file in folder.iterdir() if file.is_file())
    assert checked == []


def test_merges_rest_while_the_disk_is_short(
    connection: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection.command("SYSTEM START MERGES events")
    site = f"site-{uuid.uuid4().hex[:12]}"
    disk = StoreDisk(connection, tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr(disk_module, "ROOM_LEAST_BYTES", 2**62)
        disk.confirm()
    Writer(connection).write([make_row(site, 1)])
    with pytest.raises(Exception, match=r"ABORTED|Cancelled"):
        connection.command("OPTIMIZE TABLE events FINAL")

    disk.look()
    connection.command("OPTIMIZE TABLE events FINAL")

    assert len(stored(connection, site)) == 1
