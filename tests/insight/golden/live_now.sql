SELECT panel, name, events, customers, names, here, last_minute
FROM (
    SELECT told.1 AS panel, told.2 AS name, count() AS events, uniqExact(whole) AS customers,
           count() OVER (PARTITION BY panel) AS names,
           uniqExactIf(whole, at >= {here_since:Int64}) AS here,
           countIf(arrived >= {minute_since:Int64}) AS last_minute
    FROM (
        SELECT dictGetOrDefault('merged_customers', 'whole', cityHash64(site, customer), customer) AS whole, least(time, received) AS at, received AS arrived,
               arrayJoin(arrayFilter(one -> one.1 = 'all' OR one.2 != '', [
                   ('all', ''), ('pages', page), ('actions', toString(action)),
                   ('channels', if(channel = 'internal', '', toString(channel))),
                   ('countries', toString(country)), ('sources', toString(source))])) AS told
        FROM events
        WHERE site = {site:String} AND time >= {since:Int64} AND source != 'system' AND NOT bot AND received >= {since:Int64}
    )
    GROUP BY panel, name
)
ORDER BY panel, events DESC, name
LIMIT {names:UInt8} BY panel
