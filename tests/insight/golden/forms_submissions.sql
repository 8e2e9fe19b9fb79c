SELECT toString(id) AS id, time, position, dictGetOrDefault('merged_customers', 'whole', cityHash64(site, customer), customer) AS customer, session, params,
       cutQueryStringAndFragment(JSONExtractString(params, 'url')) AS url
FROM events
WHERE site = {site:String} AND time >= {since:Int64} AND time < {until:Int64} AND source = {source:String} AND NOT bot AND action = 'form.submit' AND JSONExtractString(params, 'form') = {form:String}
  AND (time, position) < ({before_time:Int64}, {before_position:UInt64})
ORDER BY time DESC, position DESC
LIMIT {limit:UInt32}
