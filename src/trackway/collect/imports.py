"""Events out of files: judged like any others, and put through the same spool. Their source is `import`."""

import time

from trackway.collect.app import SERVER_EVENTS_MAX, Appends, Books, encode_answer, keep
from trackway.collect.decode import decode_body
from trackway.collect.verdicts import Sender, make_record
from trackway.definition import Catalogue
from trackway.errors import RequestRefused
from trackway.record import Record
from trackway.site import Site


def judge_import(site: Site, catalogue: Catalogue | None, name: str, lines: bytes, received: int) -> Record:
    """The record of some lines of a file, one event a line. `name`: the import's, in place of a key.

    Raises RequestRefused(too_many_events, unknown_key).
    """
    if site.archived is not None:
        raise RequestRefused("unknown_key", f"Site {site.id} is archived and takes no events; restore it first.")
    batch = decode_body(lines, SERVER_EVENTS_MAX, lines=True)
    batch.source = "import"
    return make_record(Sender(site, name, True, "", "", catalogue=catalogue), batch, received, lines)


async def take_import(  # noqa: PLR0913 - the stages, and what comes
    spool: Appends, books: Books, site: Site, catalogue: Catalogue | None, name: str, lines: bytes
) -> bytes:
    """Judge the lines and keep them; the answer of the collect routes, once all of it is on disk.

    Raises RequestRefused, StorageUnavailable.
    """
    received = int(time.time() * 1000)
    record = judge_import(site, catalogue, name, lines, received)
    if record.n:
        await keep(spool, books, record)
    return encode_answer(len(record.events), [refusal.why for refusal in record.refused], received)
