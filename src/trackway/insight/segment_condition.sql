-- The customers whose events come to what a condition of a segment asks for.
SELECT $CUSTOMER
FROM events
WHERE site = {site:String} AND source != 'system' AND $WHERE
GROUP BY $CUSTOMER
HAVING $HAVING
