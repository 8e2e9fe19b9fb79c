-- What was done with an element, by whom.
SELECT person AS customer, time AS last, action, unusual > 0 AS is_unusual
FROM (
    SELECT $CUSTOMER AS person, time, action, unusual
    FROM events
    WHERE $WHERE
)
