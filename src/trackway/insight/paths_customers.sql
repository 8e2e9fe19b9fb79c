-- The customers in one node or flow: those with a unit whose name at a step is the one asked for, and, for a flow, the one
-- before it too. The last seen come first.
SELECT customer, count() AS units, max(last) AS last_seen
FROM ($UNITS)
WHERE $TAKES
GROUP BY customer
HAVING (last_seen, toString(customer)) < ({before:Int64}, {before_customer:String})
ORDER BY last_seen DESC, toString(customer) DESC
LIMIT {limit:UInt32}
