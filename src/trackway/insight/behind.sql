-- The customers behind a number: those with a unit (a session, or themselves) that the condition takes. The last seen come first.
SELECT customer, count() AS units, max(last) AS last_seen
FROM ($UNITS)
WHERE $TAKES
GROUP BY customer
HAVING (last_seen, toString(customer)) < ({before:Int64}, {before_customer:String})
ORDER BY last_seen DESC, toString(customer) DESC
LIMIT {limit:UInt32}
