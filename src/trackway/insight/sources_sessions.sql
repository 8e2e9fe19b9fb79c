-- Each session (a customer's events without one are one session) and what brought it: the first visit that came from
-- outside. One that came back from an excluded host, or from the site's own pages, brings nothing. `came` is told of the
-- first event that tells it: one that brought the session, or for the landing page one with a page.
SELECT unit, argMax(person, place) AS customer, max(time) AS last,
       max(channel != '') AS visited, max(tells) AS told, argMinIf(what, place, tells) AS came
FROM (
    SELECT time, $PLACE AS place, channel, $CUSTOMER AS person, $UNIT AS unit, $WHAT AS what, $TELLS AS tells
    FROM events
    WHERE $WHERE
)
GROUP BY unit
