SELECT form, told.2 AS field, countIf(told.1 = 'last') AS last, countIf(told.1 = 'touched') AS touched,
       countIf(told.1 = 'wrong') AS wrong, quantileExactInclusiveIf(0.5)(told.3, told.1 = 'focus') AS focus_p50,
       countIf(told.1 = 'filled') AS filled, touched + filled - uniqExactIf(unit, told.1 IN ('touched', 'filled')) AS refills
FROM (
    SELECT form, unit, arrayJoin(if(action = 'form.submit',
               arrayMap(name -> ('filled', name, toFloat64(0)), arrayFilter(name -> name NOT IN {told:Array(String)}, JSONExtractKeys(params))),
               arrayConcat(
                   arrayMap(name -> ('last', name, toFloat64(0)), arrayFilter(name -> name != '', [ended])),
                   arrayMap(name -> ('touched', name, toFloat64(0)), arrayDistinct(JSONExtract(params, 'touched', 'Array(String)'))),
                   arrayMap(name -> ('wrong', name, toFloat64(0)), arrayDistinct(JSONExtract(params, 'errors', 'Array(String)'))),
                   arrayMap(pair -> ('focus', pair.1, pair.2), JSONExtractKeysAndValues(params, 'times', 'Float64'))))) AS told
    FROM (
        SELECT action, params, JSONExtractString(params, 'form') AS form, JSONExtractString(params, 'last_field') AS ended,
               if(isNull(session), reinterpretAsUUID(sipHash128(toString(dictGetOrDefault('merged_customers', 'whole', cityHash64(site, customer), customer)))), assumeNotNull(session)) AS unit
        FROM events
        WHERE site = {site:String} AND time >= {since:Int64} AND time < {until:Int64} AND source = {source:String} AND NOT bot AND action IN ('form.submit', 'form.abandon')
    )
)
WHERE form IN {forms:Array(String)}
GROUP BY form, field
ORDER BY form, last DESC, touched DESC, filled DESC, field
LIMIT {fields:UInt16} BY form
