-- Some customers of a segment, the last seen first.
SELECT toString($CUSTOMER) AS customer, max(time) AS last_seen, count() AS events
FROM events
WHERE site = {site:String} AND source != 'system' AND $SEGMENT
GROUP BY customer
ORDER BY last_seen DESC, customer DESC
LIMIT {examples:UInt32}
