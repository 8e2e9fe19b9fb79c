SELECT JSONExtractString(params, 'form') AS form,
       count() AS started,
       countIf(action = 'form.submit') AS submitted,
       countIf(action = 'form.abandon') AS abandoned,
       submitted / started AS completion,
       uniqExact(dictGetOrDefault('merged_customers', 'whole', cityHash64(site, customer), customer)) AS customers,
       uniqExactIf(dictGetOrDefault('merged_customers', 'whole', cityHash64(site, customer), customer), action = 'form.submit') AS submitters,
       quantileExactInclusiveIf(0.5)(JSONExtractFloat(params, 'duration'),
           action = 'form.abandon' AND JSONType(params, 'duration') IN ('Int64', 'UInt64', 'Double')) AS left_after_p50
FROM events
WHERE site = {site:String} AND time >= {since:Int64} AND time < {until:Int64} AND source = {source:String} AND NOT bot AND action IN ('form.submit', 'form.abandon') AND form != ''
GROUP BY form
ORDER BY started DESC, form
LIMIT {limit:UInt32}
