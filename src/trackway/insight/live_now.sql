-- What is going on now? The events that happened and arrived since a moment, told in panels: one row a panel and name, those with
-- the most events first, at most so many a panel. The panel `all` has one row: everything. Granules of before are skipped by
-- the ranges of `time` and `received`. Grouping sets, since one row of an event for each panel (arrayJoin) takes five times as long.
SELECT panel, name, events, customers, names, here, last_minute
FROM (
    SELECT transform(of, [15, 23, 27, 29, 30], ['pages', 'actions', 'channels', 'countries', 'sources'], '') AS panel,
           concat(page, toString(action), toString(channel), toString(country), toString(source)) AS name,
           events, customers, count() OVER (PARTITION BY panel) AS names, 0 AS here, 0 AS last_minute
    FROM (
        -- Which set a row is of: a bit for each column that is not in it.
        SELECT grouping(page, action, channel, country, source) AS of, page, action, channel, country, source,
               count() AS events, uniqExact(whole) AS customers
        FROM (
            SELECT $CUSTOMER AS whole, page, action, channel, country, source
            FROM events
            WHERE $WHERE AND received >= {since:Int64}
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
        SELECT $CUSTOMER AS whole, time, received
        FROM events
        WHERE $WHERE AND received >= {since:Int64}
    )
)
ORDER BY panel, events DESC, name
