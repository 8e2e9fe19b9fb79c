SELECT panel, name, events, customers, names, here, last_minute
FROM (
    SELECT transform(of, [15, 23, 27, 29, 30], ['pages', 'actions', 'channels', 'countries', 'sources'], '') AS panel,
           concat(page, toString(action), toString(channel), toString(country), toString(source)) AS name,
           events, customers, count() OVER (PARTITION BY panel) AS names, 0 AS here, 0 AS last_minute
    FROM (
        SELECT grouping(page, action, channel, country, source) AS of, page, action, channel, country, source,
               count() AS events, uniqExact(whole) AS customers
        FROM (
            SELECT dictGetOrDefault('merged_customers', 'whole', cityHash64(site, customer), customer) AS whole, page, action, channel, country, source
            FROM events
            WHERE site = {site:String} AND time >= {since:Int64} AND source != 'system' AND NOT bot AND received >= {since:Int64}
        )
        GROUP BY GROUPING SETS ((page), (action), (channel), (country), (source))
    )
    WHERE name != '' AND channel != 'internal'
    ORDER BY panel, events DESC, name
    LIMIT {names:UInt8} BY panel
    UNION ALL
    SELECT 'all' AS panel, '' AS name, count() AS events, uniqExact(whole) AS customers, 1 AS names,
           uniqExactIf(whole, least(time, received) >= {here_since:Int64}) AS here,
           countIf(received >= {minute_since:Int64}) AS last_minute
    FROM (
        SELECT dictGetOrDefault('merged_customers', 'whole', cityHash64(site, customer), customer) AS whole, time, received
        FROM events
        WHERE site = {site:String} AND time >= {since:Int64} AND source != 'system' AND NOT bot AND received >= {since:Int64}
    )
)
ORDER BY panel, events DESC, name
