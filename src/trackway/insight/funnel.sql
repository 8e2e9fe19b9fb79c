-- How far did they get? Each unit (a customer, or a session) and the furthest step that it reached.
-- ClickHouse's windowFunnel finds the longest run of steps within the window, but leaves open what comes first of events of the
-- same moment, and lets one event take several steps. So each event is told once for each step that it fits, the later
-- steps first, and each telling has a stamp of its own: the time from the unit's first event, then its number in order (time, the
-- device's own number, arrival). The window has room for the numbers, and not for a millisecond more.
SELECT unit, customer, last, property,
       arrayReduce({funnel:String}, arrayMap(
           (one, number) -> toUInt64(least(one.3 - told[1].3, 4398046511104)) * 2097152 + least(number, 1048575),
           told, arrayEnumerate(told)), $STEPS) AS reached
FROM (
    SELECT unit, argMax(person, place) AS customer, max(time) AS last,
           argMinIf(told_apart, place, bitTest(fits, 0)) AS property,
           arraySort(groupArrayArray(arrayMap(
               step -> (place, -toInt8(step), time), bitPositionsToArray(fits)))) AS told
    FROM (
        SELECT time, $PLACE AS place, $CUSTOMER AS person, $UNIT AS unit, $PROPERTY AS told_apart, $FITS AS fits
        FROM events
        WHERE $WHERE
    )
    WHERE fits != 0
    GROUP BY unit
    HAVING countIf(bitTest(fits, 0)) > 0
)
