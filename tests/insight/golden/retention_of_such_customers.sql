SELECT cohort, period, count() AS n
FROM (SELECT cohort, arrayJoin(periods) AS period FROM (SELECT person AS customer, last,
       toUnixTimestamp(toDateTime(toMonday(toDateTime(intDiv(least(greatest(toInt64(bitShiftRight(first, 128)), 0), 4102444800000), 1000), {zone:String}), {zone:String}), {zone:String}))
           * 1000 AS cohort,
       arrayConcat([toInt64(-1)], arrayMap(one -> toInt64(one.1) - base, arrayFilter(one -> one.2 > first, backs))) AS periods
FROM (
    SELECT person, min(first_here) AS first, max(last_here) AS last, toInt64(argMin(number, first_here)) AS base,
           groupArray((number, last_back)) AS backs
    FROM (
        SELECT person, number, min(if(begins, place, bitShiftLeft(toInt256(1), 250))) AS first_here, max(if(returns, place, -bitShiftLeft(toInt256(1), 250))) AS last_back,
               max(time) AS last_here
        FROM (
            SELECT dictGetOrDefault('merged_customers', 'whole', cityHash64(site, customer), customer) AS person, time,
                   toRelativeWeekNum(toDateTime(intDiv(least(greatest(time, 0), 4102444800000), 1000), {zone:String}), {zone:String}) AS number,
                   bitShiftLeft(toInt256(time), 128) + bitShiftLeft(toInt256(ifNull(seq, 0)), 64) + position AS place, true AS begins, true AS returns
            FROM events
            WHERE site = {site:String} AND time >= {since:Int64} AND source != 'system' AND dictGetOrDefault('merged_customers', 'whole', cityHash64(site, customer), customer) IN (SELECT dictGetOrDefault('merged_customers', 'whole', cityHash64(site, customer), customer) FROM events WHERE site = {site:String} AND time >= {since:Int64} AND source != 'system' AND action LIKE {action:String} AND JSONHas(params, {param0:String}) AND if(JSONType(params, {param0:String}) = 'String', JSONExtractString(params, {param0:String}), JSONExtractRaw(params, {param0:String})) = {value0:String} AND JSONHas(params, {param1:String}) AND if(JSONType(params, {param1:String}) = 'String', JSONExtractString(params, {param1:String}), JSONExtractRaw(params, {param1:String})) = {value1:String})
        )
        WHERE begins OR returns
        GROUP BY person, number
    )
    GROUP BY person
    HAVING first < bitShiftLeft(toInt256(1), 250)
)))
WHERE period < {periods:UInt16}
GROUP BY cohort, period
ORDER BY cohort, period
