SELECT name, sessions, customers, sum(sessions) OVER () AS total
FROM (
    SELECT multiIf(told, came, visited, 'internal', 'unknown') AS name, count() AS sessions, uniqExact(customer) AS customers
    FROM (SELECT unit, argMax(person, place) AS customer, max(time) AS last,
       max(channel != '') AS visited, max(tells) AS told, argMinIf(what, place, tells) AS came
FROM (
    SELECT time, bitShiftLeft(toInt256(time), 128) + bitShiftLeft(toInt256(ifNull(seq, 0)), 64) + position AS place, channel, dictGetOrDefault('merged_customers', 'whole', cityHash64(site, customer), customer) AS person, if(isNull(session), sipHash128(toString(person)), sipHash128(session)) AS unit, toString(channel) AS what, channel NOT IN ('', 'internal') AS tells
    FROM events
    WHERE site = {site:String} AND time >= {since:Int64} AND time < {until:Int64} AND source = {source:String} AND NOT bot
)
GROUP BY unit)
    GROUP BY name
)
ORDER BY sessions DESC, name
LIMIT {limit:UInt32}
