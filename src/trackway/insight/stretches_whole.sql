-- What customers did in whole quarters of an hour, a row for each stretch: all that one did in one session, by one source.
SELECT session, $CUSTOMER AS person, quarter * {quarter_ms:Int64} AS at, '' AS property,
       finalizeAggregation(whole.events) AS events, finalizeAggregation(whole.first_place) AS first_place,
       finalizeAggregation(whole.last_place) AS last_place, finalizeAggregation(whole.visited) AS visited,
       finalizeAggregation(whole.$BROUGHT) AS brought, toString(finalizeAggregation(whole.$CAME)) AS came,
       finalizeAggregation(whole.pages) AS pages, finalizeAggregation(whole.entered) AS entered,
       finalizeAggregation(whole.entry) AS entry, finalizeAggregation(whole.left) AS left,
       finalizeAggregation(whole.exit) AS exit, finalizeAggregation(whole.active) AS active
FROM (
    WITH stretches (site, quarter, session, customer, source, bot, events, first_place, last_place, visited, brought,
                    channel, referrer_host, campaign, utm_source, pages, entered, entry, left, exit, active)
         AS (SELECT * FROM mergeTreeProjection('trackway', 'events', 'stretches'))
    SELECT * FROM stretches WHERE $WHERE
) AS whole
