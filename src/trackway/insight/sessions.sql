-- What sessions were there? One row a session, made of its stretches in the range. `active`: something was done beyond looking.
SELECT visit AS session, argMin(person, first_place) AS customer, toInt64(bitShiftRight(min(first_place), 128)) AS began,
       toInt64(bitShiftRight(max(last_place), 128)) - began AS length,
       sum(pages) AS pages, sum(active) AS active,
       argMinIf(entry, entered, entered != 0) AS entry, argMaxIf(exit, left, left != 0) AS exit,
       argMin(property, first_place) AS property, pages <= 1 AND active = 0 AS bounced
FROM (
    SELECT assumeNotNull(session) AS visit, person, first_place, last_place, pages, active, entered, entry, left, exit, property
    FROM ($STRETCHES)
    WHERE isNotNull(session)
)
GROUP BY visit
