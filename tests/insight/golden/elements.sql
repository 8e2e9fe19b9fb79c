SELECT element,
       countIf(action = 'element.view') AS views,
       countIf(action = 'element.hover') AS hovers,
       countIf(action = 'element.click') AS clicks,
       if(views = 0, NULL, clicks / views) AS ctr,
       quantileExactInclusiveIf(0.5)(dwell, action = 'element.hover') AS dwell_p50,
       quantileExactInclusiveIf(0.95)(dwell, action = 'element.hover') AS dwell_p95,
       uniqExactIf(dictGetOrDefault('merged_customers', 'whole', cityHash64(site, customer), customer), action != 'element.view')
           - uniqExactIf(dictGetOrDefault('merged_customers', 'whole', cityHash64(site, customer), customer), action = 'element.click') AS hovered_without_click,
       countIf(unusual > 0) AS unusual
FROM events
WHERE site = {site:String} AND time >= {since:Int64} AND time < {until:Int64} AND source = {source:String} AND NOT bot AND action IN ('element.view', 'element.hover', 'element.click')
GROUP BY element
ORDER BY views + hovers + clicks DESC, element
LIMIT {limit:UInt32}
