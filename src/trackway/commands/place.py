"""Which data folder a command works on: `--data DIR`, anywhere on the line."""

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Engine

from trackway.config import Config, load_config
from trackway.control.database import open_database
from trackway.folder import is_held, make_folder, read_address

DEFAULT = "trackway-data"
FLAG = "--data"

data = Path(DEFAULT)
"""The folder named on the line; set once, before the command runs."""


class DataMissing(Exception):
    """--data without a folder: wrong usage."""


def take_data(arguments: Sequence[str]) -> tuple[Path, list[str]]:
    """The data folder, and the line without it. Raises DataMissing for a --data without a folder."""
    found, rest = DEFAULT, list[str]()
    waiting = iter(arguments)
    for argument in waiting:
        if argument == FLAG:
            found = next(waiting, "")
            if not found or found.startswith("-"):
                raise DataMissing(f"{FLAG} needs a folder, such as {FLAG} ./{DEFAULT}")
        elif argument.startswith(f"{FLAG}="):
            found = argument.removeprefix(f"{FLAG}=")
            if not found:
                raise DataMissing(f"{FLAG} needs a folder, such as {FLAG}=./{DEFAULT}")
        else:
            rest.append(argument)
    return Path(found).expanduser().resolve(), rest


def config(**flags: str | int | None) -> Config:
    """The settings for this command's folder. Raises ConfigInvalid."""
    return load_config(data, flags)


def public_config() -> Config:
    """The settings, with the address of the running server where there is one: for what is shown to people."""
    address = read_address(data) if is_held(data) else None
    return config(public_url=address.public_url if address else None)


def engine() -> Engine:
    """The control database of this command's folder, made when it is not there yet. Raises ConfigInvalid."""
    make_folder(data)
    return open_database(data)
