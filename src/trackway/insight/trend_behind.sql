-- Each event that is measured, with its customer.
SELECT bucket, told, person AS customer, time AS last
FROM ($EVENTS)
