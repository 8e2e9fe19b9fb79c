-- What became of forms? Each with how often it was submitted, and left after something was put in.
SELECT JSONExtractString(params, 'form') AS form,
       count() AS started,
       countIf(action = 'form.submit') AS submitted,
       countIf(action = 'form.abandon') AS abandoned,
       submitted / started AS completion,
       uniqExact($CUSTOMER) AS customers,
       uniqExactIf($CUSTOMER, action = 'form.submit') AS submitters,
       quantileExactInclusiveIf(0.5)(JSONExtractFloat(params, 'duration'),
           action = 'form.abandon' AND JSONType(params, 'duration') IN ('Int64', 'UInt64', 'Double')) AS left_after_p50
FROM events
WHERE $WHERE AND action IN ('form.submit', 'form.abandon') AND form != ''
GROUP BY form
ORDER BY started DESC, form
LIMIT {limit:UInt32}
