-- Who submitted a form, and what was in it? The submissions, the newest first, behind the last one of the page before.
SELECT toString(id) AS id, time, position, $CUSTOMER AS customer, session, params,
       cutQueryStringAndFragment(JSONExtractString(params, 'url')) AS url
FROM events
WHERE $WHERE AND action = 'form.submit' AND JSONExtractString(params, 'form') = {form:String}
  AND (time, position) < ({before_time:Int64}, {before_position:UInt64})
ORDER BY time DESC, position DESC
LIMIT {limit:UInt32}
