-- Stretches: what one customer did in one session within a quarter of an hour, by source. There are about ten times fewer than
-- events, and questions about all sessions or customers are asked of them (insight/stretches.py). A projection is written in
-- the same part as its events, so no crash and no erasure can leave one behind the other.
--
-- Places in order are numbers as everywhere: the time, then the device's own number, then arrival. What is asked for by the
-- earliest or latest event has the place of that beside it, since several stretches may be of one quarter.
--
-- first, last place      places of the first and the last event
-- visited                whether there was a visit of any kind
-- brought                place of the first visit that came from outside; 0 for none. channel to utm_source are that visit's
-- entered, entry         place and page of the first event with a page; left, exit: of the last one
-- active                 events that are a sign of having done anything
ALTER TABLE events ADD PROJECTION IF NOT EXISTS stretches (
    SELECT
        site, intDiv(time, 900000), session, customer, source, bot,
        count(),
        min(bitShiftLeft(toInt256(time), 128) + bitShiftLeft(toInt256(ifNull(seq, 0)), 64) + position),
        max(bitShiftLeft(toInt256(time), 128) + bitShiftLeft(toInt256(ifNull(seq, 0)), 64) + position),
        max(channel != ''),
        minIf(bitShiftLeft(toInt256(time), 128) + bitShiftLeft(toInt256(ifNull(seq, 0)), 64) + position,
              channel NOT IN ('', 'internal')),
        argMinIf(channel, bitShiftLeft(toInt256(time), 128) + bitShiftLeft(toInt256(ifNull(seq, 0)), 64) + position,
                 channel NOT IN ('', 'internal')),
        argMinIf(referrer_host, bitShiftLeft(toInt256(time), 128) + bitShiftLeft(toInt256(ifNull(seq, 0)), 64) + position,
                 channel NOT IN ('', 'internal')),
        argMinIf(utm['campaign'], bitShiftLeft(toInt256(time), 128) + bitShiftLeft(toInt256(ifNull(seq, 0)), 64) + position,
                 channel NOT IN ('', 'internal')),
        argMinIf(utm['source'], bitShiftLeft(toInt256(time), 128) + bitShiftLeft(toInt256(ifNull(seq, 0)), 64) + position,
                 channel NOT IN ('', 'internal')),
        countIf(page != ''),
        minIf(bitShiftLeft(toInt256(time), 128) + bitShiftLeft(toInt256(ifNull(seq, 0)), 64) + position, page != ''),
        argMinIf(page, bitShiftLeft(toInt256(time), 128) + bitShiftLeft(toInt256(ifNull(seq, 0)), 64) + position, page != ''),
        maxIf(bitShiftLeft(toInt256(time), 128) + bitShiftLeft(toInt256(ifNull(seq, 0)), 64) + position, page != ''),
        argMaxIf(page, bitShiftLeft(toInt256(time), 128) + bitShiftLeft(toInt256(ifNull(seq, 0)), 64) + position, page != ''),
        countIf(action NOT IN ('page.visit', 'screen.view', 'session.start', 'session.end', 'app.start', 'element.view',
                               'element.hover', 'scroll.depth', 'web.vital', 'error.javascript'))
    GROUP BY site, intDiv(time, 900000), session, customer, source, bot
);
ALTER TABLE events MATERIALIZE PROJECTION stretches SETTINGS mutations_sync = 2
