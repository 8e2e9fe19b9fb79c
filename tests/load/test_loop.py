"""A backlog of many loads, the next one prepared while the store takes the last: nothing lost, doubled or mixed up."""

import msgspec

from tests.load.conftest import BATCH_BYTES, Loading, make_event

REQUESTS = 24
EVENTS_EACH = 20
PADDING = msgspec.Raw(msgspec.json.encode({"text": "x" * (BATCH_BYTES // 4 // EVENTS_EACH)}))
CUSTOMER = {"email": "someone@shop.example"}


def test_backlog_of_many_loads_is_stored_once_and_in_order(at_rest: Loading) -> None:
    sent: list[str] = []
    naming: list[str] = []
    for number in range(REQUESTS):
        events = [make_event(params=PADDING) for _ in range(EVENTS_EACH)]
        if number % 3 == 1:  # waits for its uuid, so its load cannot be prepared ahead
            events[0].uuid, events[0].customer = "", CUSTOMER
            naming.append(events[0].id)
        if number % 4 == 2:
            events[1].id = sent[-1]
        sent += [event.id for event in events if event.id not in sent]
        at_rest.send(*events)

    at_rest.loader.start()
    at_rest.wait()

    assert [row.id for row in at_rest.published] == sent
    assert len({row.uuid for row in at_rest.published if row.id in naming}) == 1
    balance = at_rest.balance()
    assert (balance["stored"], balance["duplicates"]) == (len(sent), REQUESTS * EVENTS_EACH - len(sent))
    assert balance["balanced"]
