-- What became of a form, by whose hands.
SELECT person AS customer, time AS last, action
FROM (
    SELECT $CUSTOMER AS person, time, action
    FROM events
    WHERE $WHERE AND action IN ('form.submit', 'form.abandon') AND JSONExtractString(params, 'form') = {form:String}
)
