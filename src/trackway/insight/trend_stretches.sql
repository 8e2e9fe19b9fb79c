-- Each stretch of what customers did, with its interval: for counting them, their sessions, or all that they did.
SELECT roundDown(at, {edges:Array(Int64)}) AS bucket, '' AS told, person, toInt64(bitShiftRight(last_place, 128)) AS seen, $UNIT AS unit,
       0 AS number, events
FROM ($STRETCHES)
