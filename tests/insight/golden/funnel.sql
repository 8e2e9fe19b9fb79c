SELECT property, reached, count() AS n
FROM (SELECT unit, customer, last, property,
       arrayCount(one -> one >= 0, arrayFold(
           (begun, one) -> arrayMap(
               (step, mine, before) -> multiIf(
                   NOT bitTest(one.4, step - 1), mine,
                   step = 1, one.1,
                   before >= 0 AND one.1 - before <= {window:UInt64}, before,
                   mine),
               range(1, {steps:UInt8} + 1), begun, arrayPopBack(arrayPushFront(begun, -1))),
           told, arrayMap(step -> toInt64(-1), range(1, {steps:UInt8} + 1)))) AS reached
FROM (
    SELECT unit, argMax(person, (time, position)) AS customer, max(time) AS last,
           argMinIf(told_apart, (time, number, position), bitTest(fits, 0)) AS property,
           arrayMap(one -> (one.1 - min(time), one.2, one.3, one.4), arraySort(groupArray((time, number, position, fits)))) AS told
    FROM (
        SELECT time, ifNull(seq, 0) AS number, position, uuid AS person, person AS unit, utm['source'] AS told_apart, bitShiftLeft(toUInt16(page LIKE {step0:String}), 0) + bitShiftLeft(toUInt16(action LIKE {step1:String}), 1) + bitShiftLeft(toUInt16(page LIKE {step2:String}), 2) AS fits
        FROM events
        WHERE site = {site:String} AND time >= {since:Int64} AND time < {until:Int64} AND source = {source:String} AND NOT bot AND (action LIKE {step1:String} OR action IN ('page.visit', 'screen.view'))
    )
    WHERE fits != 0
    GROUP BY unit
    HAVING countIf(bitTest(fits, 0)) > 0
))
GROUP BY property, reached
