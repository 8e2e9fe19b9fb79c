-- What is going on now? The events that happened and arrived since a moment, told in panels: one row a panel and name, those with
-- the most events first, at most so many a panel. The panel `all` has one row: everything. Parts and granules of before are
-- skipped by the ranges of `time` and `received`.
SELECT panel, name, events, customers, names, here, last_minute
FROM (
    SELECT told.1 AS panel, told.2 AS name, count() AS events, uniqExact(whole) AS customers,
           count() OVER (PARTITION BY panel) AS names,
           uniqExactIf(whole, at >= {here_since:Int64}) AS here,
           countIf(arrived >= {minute_since:Int64}) AS last_minute
    FROM (
        SELECT $CUSTOMER AS whole, least(time, received) AS at, received AS arrived,
               arrayJoin(arrayFilter(one -> one.1 = 'all' OR one.2 != '', [
                   ('all', ''), ('pages', page), ('actions', toString(action)),
                   ('channels', if(channel = 'internal', '', toString(channel))),
                   ('countries', toString(country)), ('sources', toString(source))])) AS told
        FROM events
        WHERE $WHERE AND received >= {since:Int64}
    )
    GROUP BY panel, name
)
ORDER BY panel, events DESC, name
LIMIT {names:UInt8} BY panel
