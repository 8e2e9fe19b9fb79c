-- How many customers are in a segment, of all that the site has.
SELECT uniqExactIf($CUSTOMER, $SEGMENT) AS customers, uniqExact($CUSTOMER) AS total
FROM events
WHERE site = {site:String} AND source != 'system'
