-- How does it go? A measure by time, for each name of a breakdown; names not listed are one series together. Rows with
-- `whole` are of the whole range: customers of days do not add up to those of a month.
SELECT name, other, bucket, grouping(bucket) AS whole, $MEASURE AS value
FROM (
    SELECT if(has({names:Array(String)}, told), told, '') AS name, NOT has({names:Array(String)}, told) AS other, *
    FROM (
        $EVENTS
    )
)
GROUP BY GROUPING SETS ((name, other, bucket), (name, other))
ORDER BY other, name, bucket
