"""The data folder of a command, opened as a server does, without listening: for what is asked while none runs."""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator

from trackway.collect.app import Collector
from trackway.commands import place
from trackway.folder import hold_folder
from trackway.logs import set_up_logs
from trackway.server import open_parts
from trackway.web.parts import Parts

LOADED_WITHIN_S = 600
LOOK_S = 0.05


@contextlib.asynccontextmanager
async def opened_folder() -> AsyncGenerator[tuple[Parts, Collector]]:
    """The folder's parts, once what waited in the spool is loaded. Raises DataFolderBusy where another has them."""
    config = place.config()
    set_up_logs(config)  # to stderr: a command's stdout is its answer
    with hold_folder(place.data):
        # Not a first start: the admin's password would be shown to nobody.
        async with open_parts(config, is_first=False) as (parts, collector, _):
            deadline = time.monotonic() + LOADED_WITHIN_S
            while parts.spool.backlog().groups and time.monotonic() < deadline:  # noqa: ASYNC110 - another thread ends it
                await asyncio.sleep(LOOK_S)
            yield parts, collector
