(dictGetOrDefault('merged_customers', 'whole', cityHash64(site, customer), customer) IN (SELECT dictGetOrDefault('merged_customers', 'whole', cityHash64(site, customer), customer)
FROM events
WHERE site = {site:String} AND source != 'system' AND customer IN {among_customers:Array(UUID)} AND uuid IN {among_uuids:Array(UUID)} AND action IN ('page.visit', 'screen.view') AND page LIKE {segment0_action:String} AND JSONHas(params, {segment0_param0:String}) AND if(JSONType(params, {segment0_param0:String}) = 'String', JSONExtractString(params, {segment0_param0:String}), JSONExtractRaw(params, {segment0_param0:String})) = {segment0_value0:String} AND time >= {segment0_since:Int64}
GROUP BY dictGetOrDefault('merged_customers', 'whole', cityHash64(site, customer), customer)
HAVING count() >= {segment0_times:UInt64}) AND dictGetOrDefault('merged_customers', 'whole', cityHash64(site, customer), customer) IN (SELECT dictGetOrDefault('merged_customers', 'whole', cityHash64(site, customer), customer)
FROM events
WHERE site = {site:String} AND source != 'system' AND customer IN {among_customers:Array(UUID)} AND uuid IN {among_uuids:Array(UUID)} AND action = 'client.identify' AND JSONHas(params, {segment1_name:String})
GROUP BY dictGetOrDefault('merged_customers', 'whole', cityHash64(site, customer), customer)
HAVING positionCaseInsensitiveUTF8(argMax(if(JSONType(params, {segment1_name:String}) = 'String', JSONExtractString(params, {segment1_name:String}),
        JSONExtractRaw(params, {segment1_name:String})), (time, position)), {segment1_value:String}) > 0))
