SELECT cohort, period, count() AS n
FROM (SELECT cohort, arrayJoin(periods) AS period FROM (SELECT person AS customer, last,
       toUnixTimestamp(toDateTime(toMonday(toDateTime(intDiv(least(greatest(toInt64(bitShiftRight(first, 128)), 0), 4102444800000), 1000), {zone:String}), {zone:String}), {zone:String}))
           * 1000 AS cohort,
       arrayConcat([toInt64(-1)], arrayMap(one -> toInt64(one.1) - base, arrayFilter(one -> one.2 > first, backs))) AS periods
FROM (
    SELECT person, min(first_here) AS first, max(last_here) AS last, toInt64(argMin(number, first_here)) AS base,
           groupArray((number, last_back)) AS backs
    FROM (
        SELECT person, toRelativeWeekNum(toDateTime(intDiv(least(greatest(at, 0), 4102444800000), 1000), {zone:String}), {zone:String}) AS number,
               min(first) AS first_here, max(last) AS last_back, max(seen) AS last_here
        FROM (SELECT dictGetOrDefault('merged_customers', 'whole', cityHash64(site, customer), customer) AS person, time AS at, time AS seen, if(page LIKE {start:String}, bitShiftLeft(toInt256(time), 128) + bitShiftLeft(toInt256(ifNull(seq, 0)), 64) + position, bitShiftLeft(toInt256(1), 250)) AS first, if(action LIKE {back:String}, bitShiftLeft(toInt256(time), 128) + bitShiftLeft(toInt256(ifNull(seq, 0)), 64) + position, -bitShiftLeft(toInt256(1), 250)) AS last
FROM events
WHERE site = {site:String} AND time >= {since:Int64} AND time < {until:Int64} AND source = {source:String} AND NOT bot AND (page LIKE {start:String} OR action LIKE {back:String}))
        GROUP BY person, number
    )
    GROUP BY person
    HAVING first < bitShiftLeft(toInt256(1), 250)
)))
WHERE period < {periods:UInt16}
GROUP BY cohort, period
ORDER BY cohort, period
