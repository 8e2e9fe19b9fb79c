SELECT customer, count() AS units, max(last) AS last_seen
FROM (SELECT customer, last, arraySlice(arrayFilter(name -> name != '', arrayMap(one -> one.4, arraySlice(told, at + 1))), 1, {steps:UInt8}) AS path
FROM (
    SELECT unit, argMax(person, (time, position)) AS customer, max(time) AS last,
           arraySort(groupArray((time, number, position, name, begins))) AS told,
           arrayFirstIndex(one -> one.5, told) AS at
    FROM (
        SELECT time, ifNull(seq, 0) AS number, position, dictGetOrDefault('merged_customers', 'whole', cityHash64(site, customer), customer) AS person, if(isNull(session), sipHash128(toString(person)), sipHash128(session)) AS unit, page AS name, page LIKE {start:String} AS begins
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
