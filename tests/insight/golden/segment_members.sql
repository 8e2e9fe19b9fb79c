SELECT customer
FROM (SELECT {site:String} AS site, arrayJoin({among_customers:Array(UUID)}) AS customer)
WHERE true
