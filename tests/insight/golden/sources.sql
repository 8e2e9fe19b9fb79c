SELECT name, sessions, customers, sum(sessions) OVER () AS total
FROM (
    SELECT multiIf(told, came, visited, 'internal', 'unknown') AS name, count() AS sessions, uniqExact(customer) AS customers
    FROM (SELECT unit, argMax(person, last_place) AS customer, toInt64(bitShiftRight(max(last_place), 128)) AS last,
       max(visited) AS visited, max(brought != 0) AS told, argMinIf(came, brought, brought != 0) AS came
FROM (
    SELECT person, if(isNull(session), reinterpretAsUUID(sipHash128(toString(person))), assumeNotNull(session)) AS unit, last_place, visited, brought, came
    FROM (SELECT session, dictGetOrDefault('merged_customers', 'whole', cityHash64(site, customer), customer) AS person, time AS at, '' AS property, toUInt64(1) AS events, bitShiftLeft(toInt256(time), 128) + bitShiftLeft(toInt256(ifNull(seq, 0)), 64) + position AS first_place,
       bitShiftLeft(toInt256(time), 128) + bitShiftLeft(toInt256(ifNull(seq, 0)), 64) + position AS last_place,
       toUInt8(channel != '') AS visited, if(channel NOT IN ('', 'internal'), bitShiftLeft(toInt256(time), 128) + bitShiftLeft(toInt256(ifNull(seq, 0)), 64) + position, 0) AS brought, toString(channel) AS came,
       toUInt64(page != '') AS pages, if(page != '', bitShiftLeft(toInt256(time), 128) + bitShiftLeft(toInt256(ifNull(seq, 0)), 64) + position, 0) AS entered, page AS entry, if(page != '', bitShiftLeft(toInt256(time), 128) + bitShiftLeft(toInt256(ifNull(seq, 0)), 64) + position, 0) AS left,
       page AS exit, toUInt64(action NOT IN {passive:Array(String)}) AS active
FROM events
WHERE site = {site:String} AND time >= {since:Int64} AND time < {until:Int64} AND source = {source:String} AND NOT bot)
    WHERE true
)
GROUP BY unit)
    GROUP BY name
)
ORDER BY sessions DESC, name
LIMIT {limit:UInt32}
