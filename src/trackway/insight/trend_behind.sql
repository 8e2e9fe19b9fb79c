-- Each event that is measured, with its customer.
SELECT bucket, told, person AS customer, seen AS last
FROM ($EVENTS)
