SELECT property, reached, count() AS n
FROM (SELECT unit, customer, last, property,
       arrayReduce({funnel:String}, arrayMap(
           (moment, number) -> toUInt64(least(moment - moments[1], 4398046511104)) * 2097152 + least(number, 1048575),
           moments, arrayEnumerate(moments)), arrayMap(turn -> turn = 15, turns), arrayMap(turn -> turn = 14, turns), arrayMap(turn -> turn = 13, turns)) AS reached
FROM (
    SELECT unit, customer, last, property,
           arrayMap(one -> toInt64(bitShiftRight(one, 132)), told) AS moments,
           arrayMap(one -> toUInt8(bitAnd(one, 15)), told) AS turns
    FROM (
        SELECT unit, unit AS customer, max(time) AS last, argMinIf(told_apart, place, turn = 15) AS property,
               arraySort(groupArray(bitShiftLeft(place, 4) + turn)) AS told
        FROM (
            SELECT time, bitShiftLeft(toInt256(time), 128) + bitShiftLeft(toInt256(ifNull(seq, 0)), 64) + position AS place, dictGetOrDefault('merged_customers', 'whole', cityHash64(site, customer), customer) AS person, person AS unit, utm['source'] AS told_apart,
                   arrayJoin(bitPositionsToArray(bitShiftLeft(toUInt16(page LIKE {step0:String}), 15) + bitShiftLeft(toUInt16(action LIKE {step1:String}), 14) + bitShiftLeft(toUInt16(page LIKE {step2:String}), 13))) AS turn
            FROM events
            WHERE site = {site:String} AND time >= {since:Int64} AND time < {until:Int64} AND source = {source:String} AND NOT bot AND (action LIKE {step1:String} OR action IN ('page.visit', 'screen.view'))
        )
        GROUP BY unit
        HAVING countIf(turn = 15) > 0
    )
))
GROUP BY property, reached
