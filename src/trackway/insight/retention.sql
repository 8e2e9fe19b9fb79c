-- Who came back? Customers by the period in which they first began, and how many of them came back in each period from then
-- on (`period` 0 is the one they began in; -1 stands for all of them). Coming back is an event that returns behind the first one
-- that begins: by time, then the device's own number, then arrival. So of each period only the last such event matters.
SELECT cohort, period, count() AS n
FROM (
    SELECT toUnixTimestamp(toDateTime($BEGIN(toDateTime(intDiv(least(greatest(toInt64(bitShiftRight(first, 128)), 0), 4102444800000), 1000), {zone:String}), {zone:String}), {zone:String}))
               * 1000 AS cohort,
           arrayJoin(arrayConcat([toInt64(-1)], arrayMap(
               one -> toInt64(one.1) - base, arrayFilter(one -> one.2 > first, backs)))) AS period
    FROM (
        SELECT person, min(first_here) AS first, toInt64(argMin(number, first_here)) AS base,
               groupArray((number, last_back)) AS backs
        FROM (
            SELECT person, number, min(if(begins, place, $NEVER)) AS first_here, max(if(returns, place, $ALWAYS)) AS last_back
            FROM (
                SELECT $CUSTOMER AS person,
                       $NUMBER(toDateTime(intDiv(least(greatest(time, 0), 4102444800000), 1000), {zone:String}), {zone:String}) AS number,
                       $PLACE AS place, $BEGINS AS begins, $RETURNS AS returns
                FROM events
                WHERE $WHERE
            )
            WHERE begins OR returns
            GROUP BY person, number
        )
        GROUP BY person
        HAVING first < $NEVER
    )
)
WHERE period < {periods:UInt16}
GROUP BY cohort, period
ORDER BY cohort, period
