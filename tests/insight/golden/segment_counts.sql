SELECT uniqExactIf(dictGetOrDefault('merged_customers', 'whole', cityHash64(site, customer), customer), true) AS customers, uniqExact(dictGetOrDefault('merged_customers', 'whole', cityHash64(site, customer), customer)) AS total
FROM events
WHERE site = {site:String} AND source != 'system'
