-- Where did they give up, and what had to be put in again? Of each form the fields: those that had the focus last, that something
-- was put into, that were found wrong, and how long each had the focus, of the times it was left; those submitted with a value;
-- and refills: times it was filled beyond the first in the same session. One row a form and field, those last most often first.
SELECT form, told.2 AS field, countIf(told.1 = 'last') AS last, countIf(told.1 = 'touched') AS touched,
       countIf(told.1 = 'wrong') AS wrong, quantileExactInclusiveIf(0.5)(told.3, told.1 = 'focus') AS focus_p50,
       countIf(told.1 = 'filled') AS filled, touched + filled - uniqExactIf(unit, told.1 IN ('touched', 'filled')) AS refills
FROM (
    SELECT form, unit, arrayJoin(if(action = 'form.submit',
               arrayMap(name -> ('filled', name, toFloat64(0)), arrayFilter(name -> name NOT IN {told:Array(String)}, JSONExtractKeys(params))),
               arrayConcat(
                   arrayMap(name -> ('last', name, toFloat64(0)), arrayFilter(name -> name != '', [ended])),
                   arrayMap(name -> ('touched', name, toFloat64(0)), arrayDistinct(JSONExtract(params, 'touched', 'Array(String)'))),
                   arrayMap(name -> ('wrong', name, toFloat64(0)), arrayDistinct(JSONExtract(params, 'errors', 'Array(String)'))),
                   arrayMap(pair -> ('focus', pair.1, pair.2), JSONExtractKeysAndValues(params, 'times', 'Float64'))))) AS told
    FROM (
        SELECT action, params, JSONExtractString(params, 'form') AS form, JSONExtractString(params, 'last_field') AS ended,
               $UNIT AS unit
        FROM events
        WHERE $WHERE AND action IN ('form.submit', 'form.abandon')
    )
)
WHERE form IN {forms:Array(String)}
GROUP BY form, field
ORDER BY form, last DESC, touched DESC, filled DESC, field
LIMIT {fields:UInt16} BY form
