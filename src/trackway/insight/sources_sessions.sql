-- Each session (a customer's events without one are one session) and what brought it: the first visit that came from
-- outside. One that came back from an excluded host, or from the site's own pages, brings nothing.
SELECT unit, argMax(person, (time, position)) AS customer,
       countIf(channel != '') AS visits, countIf(sourced) AS brought,
       argMinIf((toString(channel), toString(referrer_host), utm['campaign'], utm['source']), (time, number, position),
                sourced) AS came,
       argMinIf(page, (time, number, position), page != '') AS landing
FROM (
    SELECT time, ifNull(seq, 0) AS number, position, channel, referrer_host, utm, page, $CUSTOMER AS person, $UNIT AS unit,
           channel NOT IN ('', 'internal') AND (notEmpty(utm) OR NOT arrayExists(
               host -> referrer_host = host OR endsWith(referrer_host, concat('.', host)),
               {excluded:Array(String)})) AS sourced
    FROM events
    WHERE $WHERE
)
GROUP BY unit
