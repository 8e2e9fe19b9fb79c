SELECT name, sessions, customers, sum(sessions) OVER () AS total
FROM (
    SELECT landing AS name, count() AS sessions, uniqExact(customer) AS customers
    FROM (SELECT unit, customer, ever.visits AS visits, ever.brought AS brought, ever.came AS came, ever.landing AS landing
FROM (SELECT unit, argMax(person, (time, position)) AS customer,
       countIf(channel != '') AS visits, countIf(sourced) AS brought,
       argMinIf((toString(channel), toString(referrer_host), utm['campaign'], utm['source']), (time, number, position),
                sourced) AS came,
       argMinIf(page, (time, number, position), page != '') AS landing
FROM (
    SELECT time, ifNull(seq, 0) AS number, position, channel, referrer_host, utm, page, uuid AS person, if(isNull(session), sipHash128(toString(person)), sipHash128(session)) AS unit,
           channel NOT IN ('', 'internal') AND (notEmpty(utm) OR NOT arrayExists(
               host -> referrer_host = host OR endsWith(referrer_host, concat('.', host)),
               {excluded:Array(String)})) AS sourced
    FROM events
    WHERE site = {site:String} AND time >= {since:Int64} AND time < {until:Int64} AND source = {source:String} AND NOT bot
)
GROUP BY unit) AS session
LEFT JOIN (SELECT unit, argMax(person, (time, position)) AS customer,
       countIf(channel != '') AS visits, countIf(sourced) AS brought,
       argMinIf((toString(channel), toString(referrer_host), utm['campaign'], utm['source']), (time, number, position),
                sourced) AS came,
       argMinIf(page, (time, number, position), page != '') AS landing
FROM (
    SELECT time, ifNull(seq, 0) AS number, position, channel, referrer_host, utm, page, uuid AS person, person AS unit,
           channel NOT IN ('', 'internal') AND (notEmpty(utm) OR NOT arrayExists(
               host -> referrer_host = host OR endsWith(referrer_host, concat('.', host)),
               {excluded:Array(String)})) AS sourced
    FROM events
    WHERE site = {site:String} AND source = {source:String} AND NOT bot AND (channel != '' OR page != '')
)
GROUP BY unit) AS ever ON ever.unit = session.customer)
    GROUP BY name
)
ORDER BY sessions DESC, name
LIMIT {limit:UInt32}
