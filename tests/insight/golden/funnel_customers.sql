SELECT customer, count() AS units, max(last) AS last_seen
FROM (SELECT unit, customer, last, property,
       arrayReduce({funnel:String}, arrayMap(
           (one, number) -> toUInt64(least(one.3 - told[1].3, 4398046511104)) * 2097152 + least(number, 1048575),
           told, arrayEnumerate(told)), arrayMap(one -> one.2 = -0, told), arrayMap(one -> one.2 = -1, told)) AS reached
FROM (
    SELECT unit, argMax(person, place) AS customer, max(time) AS last,
           argMinIf(told_apart, place, bitTest(fits, 0)) AS property,
           arraySort(groupArrayArray(arrayMap(
               step -> (place, -toInt8(step), time), bitPositionsToArray(fits)))) AS told
    FROM (
        SELECT time, bitShiftLeft(toInt256(time), 128) + bitShiftLeft(toInt256(ifNull(seq, 0)), 64) + position AS place, dictGetOrDefault('merged_customers', 'whole', cityHash64(site, customer), customer) AS person, if(isNull(session), sipHash128(toString(person)), sipHash128(session)) AS unit, '' AS told_apart, bitShiftLeft(toUInt16(action LIKE {step0:String}), 0) + bitShiftLeft(toUInt16(action LIKE {step1:String}), 1) AS fits
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
