-- Each session (a customer's events without one are one session) and what brought it: the first visit that came from
-- outside. One that came back from an excluded host, or from the site's own pages, brings nothing. `came` is told of the
-- first event that tells it: one that brought the session, or for the landing page one with a page.
SELECT unit, argMax(person, last_place) AS customer, toInt64(bitShiftRight(max(last_place), 128)) AS last,
       max(visited) AS visited, max(brought != 0) AS told, argMinIf(came, brought, brought != 0) AS came
FROM (
    SELECT person, $UNIT AS unit, last_place, visited, brought, came
    FROM ($STRETCHES)
    WHERE $SUCH
)
GROUP BY unit
