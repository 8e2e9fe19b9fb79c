-- Each event that is measured: its interval, its name, whose it is.
SELECT roundDown(time, {edges:Array(Int64)}) AS bucket, $NAME AS told, $CUSTOMER AS person, time AS seen, $UNIT AS unit, $NUMBER AS number,
       toUInt64(1) AS events
FROM events
WHERE $WHERE
