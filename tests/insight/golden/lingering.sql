SELECT toString(id) AS id, dictGetOrDefault('merged_customers', 'whole', cityHash64(site, customer), customer) AS customer, element, dwell, unusual AS threshold, time
FROM events
WHERE site = {site:String} AND source != 'system' AND action = 'element.hover' AND unusual > 0 AND received >= {arrived:Int64} AND time >= {arrived:Int64}
ORDER BY time DESC, position DESC
LIMIT {limit:UInt32}
