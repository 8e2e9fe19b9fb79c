-- Who lingers now: the last unusual hovers, the newest first. By arrival, so that only recent parts are read.
SELECT toString(id) AS id, $CUSTOMER AS customer, element, dwell, unusual AS threshold, time
FROM events
WHERE $WHERE AND action = 'element.hover' AND unusual > 0 AND received >= {arrived:Int64} AND time >= {arrived:Int64}
ORDER BY time DESC, position DESC
LIMIT {limit:UInt32}
