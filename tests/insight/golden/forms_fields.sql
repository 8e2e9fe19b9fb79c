SELECT form, told.2 AS field, countIf(told.1 = 'last') AS last, countIf(told.1 = 'touched') AS touched,
       countIf(told.1 = 'wrong') AS wrong, quantileExactInclusiveIf(0.5)(told.3, told.1 = 'focus') AS focus_p50
FROM (
    SELECT JSONExtractString(params, 'form') AS form, JSONExtractString(params, 'last_field') AS ended, arrayJoin(arrayConcat(
               arrayMap(name -> ('last', name, toFloat64(0)), arrayFilter(name -> name != '', [ended])),
               arrayMap(name -> ('touched', name, toFloat64(0)), JSONExtract(params, 'touched', 'Array(String)')),
               arrayMap(name -> ('wrong', name, toFloat64(0)), JSONExtract(params, 'errors', 'Array(String)')),
               arrayMap(pair -> ('focus', pair.1, pair.2), JSONExtractKeysAndValues(params, 'times', 'Float64')))) AS told
    FROM events
    WHERE site = {site:String} AND time >= {since:Int64} AND time < {until:Int64} AND source = {source:String} AND NOT bot AND action = 'form.abandon'
)
WHERE form IN {forms:Array(String)}
GROUP BY form, field
ORDER BY form, last DESC, touched DESC, field
LIMIT {fields:UInt16} BY form
