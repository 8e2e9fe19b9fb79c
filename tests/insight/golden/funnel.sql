SELECT property, reached, count() AS n
FROM (SELECT unit, customer, last, property,
       arrayReduce({funnel:String}, arrayMap(
           (one, number) -> toUInt64(least(one.3 - told[1].3, 4398046511104)) * 2097152 + least(number, 1048575),
           told, arrayEnumerate(told)), arrayMap(one -> one.2 = -0, told), arrayMap(one -> one.2 = -1, told), arrayMap(one -> one.2 = -2, told)) AS reached
FROM (
    SELECT unit, argMax(person, place) AS customer, max(time) AS last,
           argMinIf(told_apart, place, bitTest(fits, 0)) AS property,
           arraySort(groupArrayArray(arrayMap(
               step -> (place, -toInt8(step), time), bitPositionsToArray(fits)))) AS told
    FROM (
        SELECT time, bitShiftLeft(toInt256(time), 128) + bitShiftLeft(toInt256(ifNull(seq, 0)), 64) + position AS place, dictGetOrDefault('merged_customers', 'whole', cityHash64(site, customer), customer) AS person, person AS unit, utm['source'] AS told_apart, bitShiftLeft(toUInt16(page LIKE {step0:String}), 0) + bitShiftLeft(toUInt16(action LIKE {step1:String}), 1) + bitShiftLeft(toUInt16(page LIKE {step2:String}), 2) AS fits
        FROM events
        WHERE site = {site:String} AND time >= {since:Int64} AND time < {until:Int64} AND source = {source:String} AND NOT bot AND (action LIKE {step1:String} OR action IN ('page.visit', 'screen.view'))
    )
    WHERE fits != 0
    GROUP BY unit
    HAVING countIf(bitTest(fits, 0)) > 0
))
GROUP BY property, reached
