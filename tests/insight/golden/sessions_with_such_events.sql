SELECT key.1 AS kind, key.2 AS value, count() AS sessions, uniqExact(customer) AS customers, countIf(bounced) AS bounces,
       sum(pages) AS pages, sum(length) AS length_sum, quantileExact(0.5)(length) AS length_p50,
       quantileExact(0.9)(length) AS length_p90
FROM (
    SELECT *, toString(toUnixTimestamp(toStartOfDay(
        toDateTime(intDiv(least(greatest(began, 0), 4102444800000), 1000), {zone:String}))) * 1000) AS day
    FROM (SELECT visit AS session, argMin(person, first_place) AS customer, toInt64(bitShiftRight(min(first_place), 128)) AS began,
       toInt64(bitShiftRight(max(last_place), 128)) - began AS length,
       sum(pages) AS pages, sum(active) AS active,
       argMinIf(entry, entered, entered != 0) AS entry, argMaxIf(exit, left, left != 0) AS exit,
       argMin(property, first_place) AS property, pages <= 1 AND active = 0 AS bounced
FROM (
    SELECT assumeNotNull(session) AS visit, person, first_place, last_place, pages, active, entered, entry, left, exit, property
    FROM (SELECT session, dictGetOrDefault('merged_customers', 'whole', cityHash64(site, customer), customer) AS person, time AS at, '' AS property, toUInt64(1) AS events, bitShiftLeft(toInt256(time), 128) + bitShiftLeft(toInt256(ifNull(seq, 0)), 64) + position AS first_place,
       bitShiftLeft(toInt256(time), 128) + bitShiftLeft(toInt256(ifNull(seq, 0)), 64) + position AS last_place,
       toUInt8(channel != '') AS visited, if(channel NOT IN ('', 'internal'), bitShiftLeft(toInt256(time), 128) + bitShiftLeft(toInt256(ifNull(seq, 0)), 64) + position, 0) AS brought, toString(channel) AS came,
       toUInt64(page != '') AS pages, if(page != '', bitShiftLeft(toInt256(time), 128) + bitShiftLeft(toInt256(ifNull(seq, 0)), 64) + position, 0) AS entered, page AS entry, if(page != '', bitShiftLeft(toInt256(time), 128) + bitShiftLeft(toInt256(ifNull(seq, 0)), 64) + position, 0) AS left,
       page AS exit, toUInt64(action NOT IN {passive:Array(String)}) AS active
FROM events
WHERE site = {site:String} AND time >= {since:Int64} AND source != 'system' AND if(isNull(session), reinterpretAsUUID(sipHash128(toString(dictGetOrDefault('merged_customers', 'whole', cityHash64(site, customer), customer)))), assumeNotNull(session)) IN (SELECT if(isNull(session), reinterpretAsUUID(sipHash128(toString(dictGetOrDefault('merged_customers', 'whole', cityHash64(site, customer), customer)))), assumeNotNull(session)) FROM events WHERE site = {site:String} AND time >= {since:Int64} AND source != 'system' AND action LIKE {action:String} AND JSONHas(params, {param0:String}) AND if(JSONType(params, {param0:String}) = 'String', JSONExtractString(params, {param0:String}), JSONExtractRaw(params, {param0:String})) = {value0:String} AND JSONHas(params, {param1:String}) AND if(JSONType(params, {param1:String}) = 'String', JSONExtractString(params, {param1:String}), JSONExtractRaw(params, {param1:String})) = {value1:String}))
    WHERE isNotNull(session)
)
GROUP BY visit)
)
ARRAY JOIN [('total', ''), ('days', day), ('entries', entry), ('exits', exit), ('breakdown', property)] AS key
WHERE value != '' OR kind NOT IN ('entries', 'exits')
GROUP BY kind, value
ORDER BY kind, sessions DESC, value
LIMIT {most:UInt32} BY kind
