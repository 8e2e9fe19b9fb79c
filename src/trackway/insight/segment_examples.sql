-- Some customers of a segment, the last seen first.
SELECT toString(person) AS customer, max(time) AS last_seen, count() AS events
FROM (
    SELECT $CUSTOMER AS person, time
    FROM events
    WHERE site = {site:String} AND source != 'system' AND $SEGMENT
)
GROUP BY person
ORDER BY last_seen DESC, customer DESC
LIMIT {examples:UInt32}
