SELECT customer, count() AS units, max(last) AS last_seen
FROM (SELECT unit, customer, last, property,
       arrayReduce({funnel:String}, arrayMap(
           (one, number) -> toUInt64(least(one.1 - told[1].1, 4398046511104)) * 2097152 + least(number, 1048575),
           told, arrayEnumerate(told)), arrayMap(one -> one.4 = -0, told), arrayMap(one -> one.4 = -1, told)) AS reached
FROM (
    SELECT unit, argMax(person, (time, position)) AS customer, max(time) AS last,
           argMinIf(told_apart, (time, number, position), bitTest(fits, 0)) AS property,
           arraySort(groupArrayArray(arrayMap(
               step -> (time, number, position, -toInt8(step)), bitPositionsToArray(fits)))) AS told
    FROM (
        SELECT time, ifNull(seq, 0) AS number, position, dictGetOrDefault('merged_customers', 'whole', cityHash64(site, customer), customer) AS person, if(isNull(session), sipHash128(toString(person)), sipHash128(session)) AS unit, '' AS told_apart, bitShiftLeft(toUInt16(action LIKE {step0:String}), 0) + bitShiftLeft(toUInt16(action LIKE {step1:String}), 1) AS fits
        FROM events
        WHERE site = {site:String} AND source != 'system' AND ((action LIKE {step0:String}) OR (action LIKE {step1:String}))
    )
    WHERE fits != 0
    GROUP BY unit
    HAVING countIf(bitTest(fits, 0)) > 0
))
WHERE reached = {step:UInt8} - 1
GROUP BY customer
HAVING (last_seen, toString(customer)) < ({before:Int64}, {before_customer:String})
ORDER BY last_seen DESC, toString(customer) DESC
LIMIT {limit:UInt32}
