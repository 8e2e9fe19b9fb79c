-- Where did they give up? Of each form that was left: the fields that something was put into, that were found wrong, that had the
-- focus last, and how long each had it. One row a form and field, those that were last most often first.
SELECT form, told.2 AS field, countIf(told.1 = 'last') AS last, countIf(told.1 = 'touched') AS touched,
       countIf(told.1 = 'wrong') AS wrong, quantileExactInclusiveIf(0.5)(told.3, told.1 = 'focus') AS focus_p50
FROM (
    SELECT JSONExtractString(params, 'form') AS form, JSONExtractString(params, 'last_field') AS ended, arrayJoin(arrayConcat(
               arrayMap(name -> ('last', name, toFloat64(0)), arrayFilter(name -> name != '', [ended])),
               arrayMap(name -> ('touched', name, toFloat64(0)), JSONExtract(params, 'touched', 'Array(String)')),
               arrayMap(name -> ('wrong', name, toFloat64(0)), JSONExtract(params, 'errors', 'Array(String)')),
               arrayMap(pair -> ('focus', pair.1, pair.2), JSONExtractKeysAndValues(params, 'times', 'Float64')))) AS told
    FROM events
    WHERE $WHERE AND action = 'form.abandon'
)
WHERE form IN {forms:Array(String)}
GROUP BY form, field
ORDER BY form, last DESC, touched DESC, field
LIMIT {fields:UInt16} BY form
