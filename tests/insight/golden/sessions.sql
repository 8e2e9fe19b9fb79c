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
           action IN {passive:Array(String)} AS passive, if(JSONType(params, {property:String}) = 'String', JSONExtractString(params, {property:String}), JSONExtractRaw(params, {property:String})) AS told_apart
    FROM events
    WHERE site = {site:String} AND time >= {since:Int64} AND time < {until:Int64} AND source = {source:String} AND NOT bot AND isNotNull(session)
)
GROUP BY visit)
)
ARRAY JOIN [('total', ''), ('days', day), ('entries', entry), ('exits', exit), ('breakdown', property)] AS key
WHERE value != '' OR kind NOT IN ('entries', 'exits')
GROUP BY kind, value
ORDER BY kind, sessions DESC, value
LIMIT {most:UInt32} BY kind
