SELECT name, other, bucket, grouping(bucket) AS whole, sum(events) AS value
FROM (
    SELECT if(has({names:Array(String)}, told), told, '') AS name, NOT has({names:Array(String)}, told) AS other, *
    FROM (
        SELECT bucket, told, sum(events) AS events
FROM (SELECT roundDown(time, {edges:Array(Int64)}) AS bucket, '' AS told, dictGetOrDefault('merged_customers', 'whole', cityHash64(site, customer), customer) AS person, time AS seen, if(isNull(session), reinterpretAsUUID(sipHash128(toString(person))), assumeNotNull(session)) AS unit, 0 AS number,
       toUInt64(1) AS events
FROM events
WHERE site = {site:String} AND time >= {since:Int64} AND source != 'system' AND action LIKE {action:String} AND JSONHas(params, {param0:String}) AND if(JSONType(params, {param0:String}) = 'String', JSONExtractString(params, {param0:String}), JSONExtractRaw(params, {param0:String})) = {value0:String} AND JSONHas(params, {param1:String}) AND if(JSONType(params, {param1:String}) = 'String', JSONExtractString(params, {param1:String}), JSONExtractRaw(params, {param1:String})) = {value1:String})
GROUP BY bucket, told
    )
)
GROUP BY GROUPING SETS ((name, other, bucket), (name, other))
ORDER BY other, name, bucket
