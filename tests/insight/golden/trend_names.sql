SELECT toString(channel) AS name
FROM events
WHERE site = {site:String} AND time >= {since:Int64} AND time < {until:Int64} AND source = {source:String} AND NOT bot
GROUP BY name
ORDER BY count() DESC, name
LIMIT {series:UInt16}
