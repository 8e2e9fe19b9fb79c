-- How far did they get? Each unit (a customer, or a session) and the furthest step that it reached.
-- ClickHouse's windowFunnel finds the longest run of steps within the window, but leaves open what comes first of events of the
-- same moment, and lets one event take several steps. So each event is told once for each step that it fits, the later
-- steps first (`turn` counts down), and each telling has a stamp of its own: the time from the unit's first event, then its
-- number in order (time, the device's own number, arrival). The window has room for the numbers, and not for a millisecond
-- more. A telling is one number, its place in order and then its turn: sorting numbers takes half of what sorting tuples does.
SELECT unit, customer, last, property,
       arrayReduce({funnel:String}, arrayMap(
           (moment, number) -> toUInt64(least(moment - moments[1], 4398046511104)) * 2097152 + least(number, 1048575),
           moments, arrayEnumerate(moments)), $STEPS) AS reached
FROM (
    SELECT unit, customer, last, property,
           arrayMap(one -> toInt64(bitShiftRight(one, 132)), told) AS moments,
           arrayMap(one -> toUInt8(bitAnd(one, 15)), told) AS turns
    FROM (
        SELECT unit, $WHOSE AS customer, max(time) AS last, $FIRST_PROPERTY AS property,
               arraySort(groupArray(bitShiftLeft(place, 4) + turn)) AS told
        FROM (
            SELECT time, $PLACE AS place, $CUSTOMER AS person, $UNIT AS unit, $PROPERTY AS told_apart,
                   arrayJoin(bitPositionsToArray($TURNS)) AS turn
            FROM events
            WHERE $WHERE
        )
        GROUP BY unit
        HAVING countIf(turn = 15) > 0
    )
)
