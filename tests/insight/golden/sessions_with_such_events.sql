SELECT key.1 AS kind, key.2 AS value, count() AS sessions, uniqExact(customer) AS customers, countIf(bounced) AS bounces,
       sum(pages) AS pages, sum(length) AS length_sum, quantileExact(0.5)(length) AS length_p50,
       quantileExact(0.9)(length) AS length_p90
FROM (
    SELECT *, toString(toUnixTimestamp(toStartOfDay(
        toDateTime(intDiv(least(greatest(began, 0), 4102444800000), 1000), {zone:String}))) * 1000) AS day
    FROM (SELECT visit AS session, argMin(person, place) AS customer, min(time) AS began, max(time) - min(time) AS length,
       countIf(page != '') AS pages, countIf(NOT passive) AS active,
       argMinIf(page, place, page != '') AS entry, argMaxIf(page, place, page != '') AS exit,
       argMin(told_apart, place) AS property, pages <= 1 AND active = 0 AS bounced
FROM (
    SELECT assumeNotNull(session) AS visit, dictGetOrDefault('merged_customers', 'whole', cityHash64(site, customer), customer) AS person, time, bitShiftLeft(toInt256(time), 128) + bitShiftLeft(toInt256(ifNull(seq, 0)), 64) + position AS place, page,
           action IN {passive:Array(String)} AS passive, '' AS told_apart
    FROM events
    WHERE site = {site:String} AND time >= {since:Int64} AND source != 'system' AND if(isNull(session), sipHash128(toString(dictGetOrDefault('merged_customers', 'whole', cityHash64(site, customer), customer))), sipHash128(session)) IN (SELECT if(isNull(session), sipHash128(toString(dictGetOrDefault('merged_customers', 'whole', cityHash64(site, customer), customer))), sipHash128(session)) FROM events WHERE site = {site:String} AND time >= {since:Int64} AND source != 'system' AND action LIKE {action:String} AND JSONHas(params, {param0:String}) AND if(JSONType(params, {param0:String}) = 'String', JSONExtractString(params, {param0:String}), JSONExtractRaw(params, {param0:String})) = {value0:String} AND JSONHas(params, {param1:String}) AND if(JSONType(params, {param1:String}) = 'String', JSONExtractString(params, {param1:String}), JSONExtractRaw(params, {param1:String})) = {value1:String}) AND isNotNull(session)
)
GROUP BY visit)
)
ARRAY JOIN [('total', ''), ('days', day), ('entries', entry), ('exits', exit), ('breakdown', property)] AS key
WHERE value != '' OR kind NOT IN ('entries', 'exits')
GROUP BY kind, value
ORDER BY kind, sessions DESC, value
LIMIT {most:UInt32} BY kind
