SELECT toString(dictGetOrDefault('merged_customers', 'whole', cityHash64(site, customer), customer)) AS customer, max(time) AS last_seen, count() AS events
FROM events
WHERE site = {site:String} AND source != 'system' AND true
GROUP BY customer
ORDER BY last_seen DESC, customer DESC
LIMIT {examples:UInt32}
