SELECT customer, count() AS units, max(last) AS last_seen
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
        SELECT time, ifNull(seq, 0) AS number, position, uuid AS person, if(isNull(session), sipHash128(toString(person)), sipHash128(session)) AS unit, '' AS told_apart, bitShiftLeft(toUInt16(action LIKE {step0:String}), 0) + bitShiftLeft(toUInt16(action LIKE {step1:String}), 1) AS fits
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
