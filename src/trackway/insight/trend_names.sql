-- The names of a breakdown that most events have.
SELECT $NAME AS name
FROM events
WHERE $WHERE
GROUP BY name
ORDER BY count() DESC, name
LIMIT {series:UInt16}
