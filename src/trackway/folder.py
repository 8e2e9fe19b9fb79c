"""The data folder: made at the first start, worked on by one server at a time, and where the command line finds it."""

import contextlib
import fcntl
import os
import sqlite3
from collections.abc import Generator
from pathlib import Path

import msgspec
from sqlalchemy.exc import DatabaseError

from trackway.errors import ConfigInvalid, DataFolderBusy

LOCK_NAME = "lock"
SPOOL_NAME = "spool.sqlite"
BOOKS_NAME = "books.sqlite"
ADDRESS_NAME = "server.json"


class Address(msgspec.Struct):
    """Where the running server of a data folder answers, and the token that lets the command line in."""

    pid: int
    url: str
    """Where it listens, for programs on this machine."""
    public_url: str
    """Where browsers reach it."""
    token: str


def make_folder(data: Path) -> None:
    """Make the folder. Raises ConfigInvalid with what is wrong with it."""
    try:
        data.mkdir(parents=True, exist_ok=True)
        probe = data / f".writable-{os.getpid()}"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise ConfigInvalid(
            f"The data folder {data} cannot be written ({error.strerror}); choose another with --data."
        ) from error


@contextlib.contextmanager
def hold_folder(data: Path) -> Generator[None]:
    """Hold the folder for one server. Raises DataFolderBusy when another has it; a dead server holds nothing."""
    with (data / LOCK_NAME).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            there = read_address(data)
            who = f"the server at {there.url} (process {there.pid})" if there else "another server"
            raise DataFolderBusy(
                f"{who} works on {data} already; stop it, or choose another folder with --data."
            ) from error
        try:
            yield
        finally:
            (data / ADDRESS_NAME).unlink(missing_ok=True)


def is_held(data: Path) -> bool:
    """Whether a server works on the folder now."""
    path = data / LOCK_NAME
    if not path.exists():
        return False
    with path.open("r") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return True
    return False


@contextlib.contextmanager
def opening(path: Path) -> Generator[None]:
    """Say in one line which file cannot be opened as a database. Raises ConfigInvalid."""
    try:
        yield
    except (sqlite3.DatabaseError, DatabaseError) as error:
        reason = getattr(error, "orig", None) or error
        raise ConfigInvalid(
            f"{path} cannot be opened as a database ({reason}); restore it from a backup, or move it away."
        ) from error


def write_address(data: Path, address: Address) -> None:
    """Tell the command line where the server is; for the folder's owner only."""
    path = data / ADDRESS_NAME
    path.unlink(missing_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:  # noqa: PTH123 - opened private
        file.write(msgspec.json.encode(address))


def read_address(data: Path) -> Address | None:
    """Where the server of the folder is, as it last said."""
    try:
        return msgspec.json.decode((data / ADDRESS_NAME).read_bytes(), type=Address)
    except (OSError, msgspec.MsgspecError):
        return None
