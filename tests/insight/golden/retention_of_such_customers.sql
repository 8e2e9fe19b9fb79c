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
        FROM (SELECT person, at, toInt64(bitShiftRight(last_place, 128)) AS seen, first_place AS first, last_place AS last
FROM (SELECT session, dictGetOrDefault('merged_customers', 'whole', cityHash64(site, customer), customer) AS person, time AS at, '' AS property, toUInt64(1) AS events, bitShiftLeft(toInt256(time), 128) + bitShiftLeft(toInt256(ifNull(seq, 0)), 64) + position AS first_place,
       bitShiftLeft(toInt256(time), 128) + bitShiftLeft(toInt256(ifNull(seq, 0)), 64) + position AS last_place,
       toUInt8(channel != '') AS visited, if(channel NOT IN ('', 'internal'), bitShiftLeft(toInt256(time), 128) + bitShiftLeft(toInt256(ifNull(seq, 0)), 64) + position, 0) AS brought, toString(channel) AS came,
       toUInt64(page != '') AS pages, if(page != '', bitShiftLeft(toInt256(time), 128) + bitShiftLeft(toInt256(ifNull(seq, 0)), 64) + position, 0) AS entered, page AS entry, if(page != '', bitShiftLeft(toInt256(time), 128) + bitShiftLeft(toInt256(ifNull(seq, 0)), 64) + position, 0) AS left,
       page AS exit, toUInt64(action NOT IN {passive:Array(String)}) AS active
FROM events
WHERE site = {site:String} AND time >= {since:Int64} AND source != 'system' AND dictGetOrDefault('merged_customers', 'whole', cityHash64(site, customer), customer) IN (SELECT dictGetOrDefault('merged_customers', 'whole', cityHash64(site, customer), customer) FROM events WHERE site = {site:String} AND time >= {since:Int64} AND source != 'system' AND action LIKE {action:String} AND JSONHas(params, {param0:String}) AND if(JSONType(params, {param0:String}) = 'String', JSONExtractString(params, {param0:String}), JSONExtractRaw(params, {param0:String})) = {value0:String} AND JSONHas(params, {param1:String}) AND if(JSONType(params, {param1:String}) = 'String', JSONExtractString(params, {param1:String}), JSONExtractRaw(params, {param1:String})) = {value1:String})))
        GROUP BY person, number
    )
    GROUP BY person
    HAVING first < bitShiftLeft(toInt256(1), 250)
)))
WHERE period < {periods:UInt16}
GROUP BY cohort, period
ORDER BY cohort, period
