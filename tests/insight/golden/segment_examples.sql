SELECT toString(person) AS customer, max(time) AS last_seen, count() AS events
FROM (
    SELECT dictGetOrDefault('merged_customers', 'whole', cityHash64(site, customer), customer) AS person, time
    FROM events
    WHERE site = {site:String} AND source != 'system' AND true
)
GROUP BY person
ORDER BY last_seen DESC, customer DESC
LIMIT {examples:UInt32}
