SELECT customer, count() AS units, max(last) AS last_seen
FROM (SELECT unit, customer, last, property,
       arrayReduce({funnel:String}, arrayMap(
           (moment, number) -> toUInt64(least(moment - moments[1], 4398046511104)) * 2097152 + least(number, 1048575),
           moments, arrayEnumerate(moments)), arrayMap(turn -> turn = 15, turns), arrayMap(turn -> turn = 14, turns)) AS reached
FROM (
    SELECT unit, customer, last, property,
           arrayMap(one -> toInt64(bitShiftRight(one, 132)), told) AS moments,
           arrayMap(one -> toUInt8(bitAnd(one, 15)), told) AS turns
    FROM (
        SELECT unit, argMax(person, place) AS customer, max(time) AS last, '' AS property,
               arraySort(groupArray(bitShiftLeft(place, 4) + turn)) AS told
        FROM (
            SELECT time, bitShiftLeft(toInt256(time), 128) + bitShiftLeft(toInt256(ifNull(seq, 0)), 64) + position AS place, dictGetOrDefault('merged_customers', 'whole', cityHash64(site, customer), customer) AS person, if(isNull(session), reinterpretAsUUID(sipHash128(toString(person))), assumeNotNull(session)) AS unit, '' AS told_apart,
                   arrayJoin(bitPositionsToArray(bitShiftLeft(toUInt16(action LIKE {step0:String}), 15) + bitShiftLeft(toUInt16(action LIKE {step1:String}), 14))) AS turn
            FROM events
            WHERE site = {site:String} AND source != 'system' AND ((action LIKE {step0:String}) OR (action LIKE {step1:String}))
        )
        GROUP BY unit
        HAVING countIf(turn = 15) > 0
    )
))
WHERE reached = {step:UInt8} - 1
GROUP BY customer
HAVING (last_seen, toString(customer)) < ({before:Int64}, {before_customer:String})
ORDER BY last_seen DESC, toString(customer) DESC
LIMIT {limit:UInt32}
