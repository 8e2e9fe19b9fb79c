-- What sessions were there? One row a session, made of its events in the range. Order: time, the device's number, arrival.
-- `active`: something was done beyond looking.
SELECT visit AS session, argMin(person, place) AS customer, min(time) AS began, max(time) - min(time) AS length,
       countIf(page != '') AS pages, countIf(NOT passive) AS active,
       argMinIf(page, place, page != '') AS entry, argMaxIf(page, place, page != '') AS exit,
       argMin(told_apart, place) AS property, pages <= 1 AND active = 0 AS bounced
FROM (
    SELECT assumeNotNull(session) AS visit, $CUSTOMER AS person, time, $PLACE AS place, page,
           action IN {passive:Array(String)} AS passive, $PROPERTY AS told_apart
    FROM events
    WHERE $WHERE AND isNotNull(session)
)
GROUP BY visit
