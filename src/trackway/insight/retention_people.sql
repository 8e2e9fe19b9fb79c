-- Who began, in which period (`cohort`, where it begins), and in which periods since they came back: -1 stands for having
-- begun, 0 is the period they began in. Coming back is an event that returns behind the first one that begins: by time, then the
-- device's own number, then arrival. So of each period only the last such event matters.
SELECT person AS customer, last,
       toUnixTimestamp(toDateTime($BEGIN(toDateTime(intDiv(least(greatest(toInt64(bitShiftRight(first, 128)), 0), 4102444800000), 1000), {zone:String}), {zone:String}), {zone:String}))
           * 1000 AS cohort,
       arrayConcat([toInt64(-1)], arrayMap(one -> toInt64(one.1) - base, arrayFilter(one -> one.2 > first, backs))) AS periods
FROM (
    SELECT person, min(first_here) AS first, max(last_here) AS last, toInt64(argMin(number, first_here)) AS base,
           groupArray((number, last_back)) AS backs
    FROM (
        SELECT person, $NUMBER(toDateTime(intDiv(least(greatest(at, 0), 4102444800000), 1000), {zone:String}), {zone:String}) AS number,
               min(first) AS first_here, max(last) AS last_back, max(seen) AS last_here
        FROM ($DEEDS)
        GROUP BY person, number
    )
    GROUP BY person
    HAVING first < $NEVER
)
