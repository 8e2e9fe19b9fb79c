-- Which of some customers are in a segment? They need no event for it, so only the conditions read any.
SELECT customer
FROM (SELECT {site:String} AS site, arrayJoin({among_customers:Array(UUID)}) AS customer)
WHERE $SEGMENT
