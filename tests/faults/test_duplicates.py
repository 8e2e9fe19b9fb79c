"""The same batch again and again, at once, after a crash and from another clock: stored once, each repeat counted."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from tests.conftest import Start
from tests.faults.reckoning import read_store
from tests.running import make_event

COPIES = 50
AT_ONCE = 16
EVENTS = 20
OTHER_CLOCKS_MS = (-86_400_000, -61_000, 3_600_000)


def test_same_batch_is_stored_once_and_every_repeat_counted(start: Start) -> None:
    running = start()
    site = running.add_site()
    events = [make_event(time=int(time.time() * 1000)) for _ in range(EVENTS)]
    body = {"key": site.key, "events": events}

    with ThreadPoolExecutor(AT_ONCE) as pool:
        sending = [pool.submit(running.collect, body) for _ in range(COPIES)]
    answers = [sent.result() for sent in sending]
    first = running.settled(site.id, COPIES * EVENTS)
    running.kill()
    running.start()
    answers.append(running.collect(body))
    for off_ms in OTHER_CLOCKS_MS:
        answers.append(running.collect({**body, "sent": int(time.time() * 1000) + off_ms}))
    answers.append(running.collect({**body, "events": events + events}))
    sent = (COPIES + 1 + len(OTHER_CLOCKS_MS) + 2) * EVENTS
    ledger = running.settled(site.id, sent)
    shown = running.events(site.id)
    running.stop()
    stored = read_store(running.data, site.id)

    assert Counter(answer.status_code for answer in answers) == {200: COPIES + 5}
    assert all(not answer.json()["rejected"] for answer in answers)
    assert (first["stored"], first["duplicates"]) == (EVENTS, (COPIES - 1) * EVENTS)
    assert (ledger["received"], ledger["stored"], ledger["duplicates"]) == (sent, EVENTS, sent - EVENTS)
    assert ledger["balanced"]
    assert stored == {event["id"]: 1 for event in events}
    assert {event["id"]: event["time"] for event in shown} == {event["id"]: event["time"] for event in events}
