SELECT customer, count() AS units, max(last) AS last_seen
FROM (SELECT customer, last, arraySlice(arrayFilter(name -> name != '', arrayMap(one -> one.2, arraySlice(told, at + 1))), 1, {steps:UInt8}) AS path
FROM (
    SELECT unit, argMax(person, place) AS customer, max(time) AS last,
           arraySort(groupArray((place, name, begins))) AS told,
           arrayFirstIndex(one -> one.3, told) AS at
    FROM (
        SELECT time, bitShiftLeft(toInt256(time), 128) + bitShiftLeft(toInt256(ifNull(seq, 0)), 64) + position AS place, dictGetOrDefault('merged_customers', 'whole', cityHash64(site, customer), customer) AS person, if(isNull(session), reinterpretAsUUID(sipHash128(toString(person))), assumeNotNull(session)) AS unit, page AS name, page LIKE {start:String} AS begins
        FROM events
        WHERE site = {site:String} AND time >= {since:Int64} AND time < {until:Int64} AND source = {source:String} AND NOT bot AND (page != '' OR page LIKE {start:String}) AND action IN ('page.visit', 'screen.view')
    )
    WHERE name != '' OR begins
    GROUP BY unit
    HAVING at > 0
))
WHERE length(path) < {target_step:UInt8}
GROUP BY customer
HAVING (last_seen, toString(customer)) < ({before:Int64}, {before_customer:String})
ORDER BY last_seen DESC, toString(customer) DESC
LIMIT {limit:UInt32}
