-- How far did they get? Each unit (a customer, or a session) and the furthest step that it reached.
-- Events are walked in order (time, the device's own number, arrival). `begun` holds, for each step, when the latest try that
-- has come so far began; -1: none has. A later try leaves more of the window, so the latest is the best. An event takes a try
-- by one step only, also where it fits several.
SELECT unit, customer, last, property,
       arrayCount(one -> one >= 0, arrayFold(
           (begun, one) -> arrayMap(
               (step, mine, before) -> multiIf(
                   NOT bitTest(one.4, step - 1), mine,
                   step = 1, one.1,
                   before >= 0 AND one.1 - before <= {window:UInt64}, before,
                   mine),
               range(1, {steps:UInt8} + 1), begun, arrayPopBack(arrayPushFront(begun, -1))),
           told, arrayMap(step -> toInt64(-1), range(1, {steps:UInt8} + 1)))) AS reached
FROM (
    SELECT unit, argMax(person, (time, position)) AS customer, max(time) AS last,
           argMinIf(told_apart, (time, number, position), bitTest(fits, 0)) AS property,
           -- times from the unit's first event on, so that -1 is before all of them
           arrayMap(one -> (one.1 - min(time), one.2, one.3, one.4), arraySort(groupArray((time, number, position, fits)))) AS told
    FROM (
        SELECT time, ifNull(seq, 0) AS number, position, $CUSTOMER AS person, $UNIT AS unit, $PROPERTY AS told_apart, $FITS AS fits
        FROM events
        WHERE $WHERE
    )
    WHERE fits != 0
    GROUP BY unit
    HAVING countIf(bitTest(fits, 0)) > 0
)
