SELECT name, sessions, customers, sum(sessions) OVER () AS total
FROM (
    SELECT came AS name, count() AS sessions, uniqExact(customer) AS customers
    FROM (SELECT unit, customer, last, ever.visited AS visited, ever.told AS told, ever.came AS came
FROM (SELECT unit, argMax(person, last_place) AS customer, toInt64(bitShiftRight(max(last_place), 128)) AS last,
       max(visited) AS visited, max(brought != 0) AS told, argMinIf(came, brought, brought != 0) AS came
FROM (
    SELECT person, if(isNull(session), reinterpretAsUUID(sipHash128(toString(person))), assumeNotNull(session)) AS unit, last_place, visited, brought, came
    FROM (SELECT session, dictGetOrDefault('merged_customers', 'whole', cityHash64(site, customer), customer) AS person, time AS at, '' AS property, toUInt64(1) AS events, bitShiftLeft(toInt256(time), 128) + bitShiftLeft(toInt256(ifNull(seq, 0)), 64) + position AS first_place,
       bitShiftLeft(toInt256(time), 128) + bitShiftLeft(toInt256(ifNull(seq, 0)), 64) + position AS last_place,
       toUInt8(channel != '') AS visited, if(page != '', bitShiftLeft(toInt256(time), 128) + bitShiftLeft(toInt256(ifNull(seq, 0)), 64) + position, 0) AS brought, page AS came,
       toUInt64(page != '') AS pages, if(page != '', bitShiftLeft(toInt256(time), 128) + bitShiftLeft(toInt256(ifNull(seq, 0)), 64) + position, 0) AS entered, page AS entry, if(page != '', bitShiftLeft(toInt256(time), 128) + bitShiftLeft(toInt256(ifNull(seq, 0)), 64) + position, 0) AS left,
       page AS exit, toUInt64(action NOT IN {passive:Array(String)}) AS active
FROM events
WHERE site = {site:String} AND time >= {since:Int64} AND time < {until:Int64} AND source = {source:String} AND NOT bot)
    WHERE true
)
GROUP BY unit) AS session
LEFT JOIN (SELECT unit, argMax(person, last_place) AS customer, toInt64(bitShiftRight(max(last_place), 128)) AS last,
       max(visited) AS visited, max(brought != 0) AS told, argMinIf(came, brought, brought != 0) AS came
FROM (
    SELECT person, person AS unit, last_place, visited, brought, came
    FROM (SELECT session, dictGetOrDefault('merged_customers', 'whole', cityHash64(site, customer), customer) AS person, time AS at, '' AS property, toUInt64(1) AS events, bitShiftLeft(toInt256(time), 128) + bitShiftLeft(toInt256(ifNull(seq, 0)), 64) + position AS first_place,
       bitShiftLeft(toInt256(time), 128) + bitShiftLeft(toInt256(ifNull(seq, 0)), 64) + position AS last_place,
       toUInt8(channel != '') AS visited, if(page != '', bitShiftLeft(toInt256(time), 128) + bitShiftLeft(toInt256(ifNull(seq, 0)), 64) + position, 0) AS brought, page AS came,
       toUInt64(page != '') AS pages, if(page != '', bitShiftLeft(toInt256(time), 128) + bitShiftLeft(toInt256(ifNull(seq, 0)), 64) + position, 0) AS entered, page AS entry, if(page != '', bitShiftLeft(toInt256(time), 128) + bitShiftLeft(toInt256(ifNull(seq, 0)), 64) + position, 0) AS left,
       page AS exit, toUInt64(action NOT IN {passive:Array(String)}) AS active
FROM events
WHERE site = {site:String} AND source = {source:String} AND NOT bot AND false
UNION ALL
SELECT session, dictGetOrDefault('merged_customers', 'whole', cityHash64(site, customer), customer) AS person, quarter * {quarter_ms:Int64} AS at, '' AS property,
       finalizeAggregation(whole.events) AS events, finalizeAggregation(whole.first_place) AS first_place,
       finalizeAggregation(whole.last_place) AS last_place, finalizeAggregation(whole.visited) AS visited,
       finalizeAggregation(whole.entered) AS brought, toString(finalizeAggregation(whole.entry)) AS came,
       finalizeAggregation(whole.pages) AS pages, finalizeAggregation(whole.entered) AS entered,
       finalizeAggregation(whole.entry) AS entry, finalizeAggregation(whole.left) AS left,
       finalizeAggregation(whole.exit) AS exit, finalizeAggregation(whole.active) AS active
FROM (
    WITH stretches (site, quarter, session, customer, source, bot, events, first_place, last_place, visited, brought,
                    channel, referrer_host, campaign, utm_source, pages, entered, entry, left, exit, active)
         AS (SELECT * FROM mergeTreeProjection('trackway', 'events', 'stretches'))
    SELECT * FROM stretches WHERE site = {site:String} AND source = {source:String} AND NOT bot
) AS whole)
    WHERE visited OR entered != 0
)
GROUP BY unit) AS ever ON ever.unit = session.customer)
    GROUP BY name
)
ORDER BY sessions DESC, name
LIMIT {limit:UInt32}
