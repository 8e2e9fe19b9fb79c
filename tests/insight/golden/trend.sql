SELECT name, other, bucket, grouping(bucket) AS whole, quantileExactInclusive(0.95)(number) AS value
FROM (
    SELECT if(has({names:Array(String)}, told), told, '') AS name, NOT has({names:Array(String)}, told) AS other, *
    FROM (
        SELECT roundDown(time, {edges:Array(Int64)}) AS bucket, if(JSONType(params, {by_param:String}) = 'String', JSONExtractString(params, {by_param:String}), JSONExtractRaw(params, {by_param:String})) AS told, dictGetOrDefault('merged_customers', 'whole', cityHash64(site, customer), customer) AS person, time AS seen, if(isNull(session), reinterpretAsUUID(sipHash128(toString(person))), assumeNotNull(session)) AS unit, JSONExtractFloat(params, {param:String}) AS number,
       toUInt64(1) AS events
FROM events
WHERE site = {site:String} AND time >= {since:Int64} AND time < {until:Int64} AND source = {source:String} AND NOT bot AND action LIKE {action:String} AND JSONType(params, {param:String}) IN ('Int64', 'UInt64', 'Double')
    )
)
GROUP BY GROUPING SETS ((name, other, bucket), (name, other))
ORDER BY other, name, bucket
