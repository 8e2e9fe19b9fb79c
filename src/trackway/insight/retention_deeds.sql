-- Events that begin or return, each with its place as the one and as the other.
SELECT $CUSTOMER AS person, time AS at, time AS seen, if($BEGINS, $PLACE, $NEVER) AS first, if($RETURNS, $PLACE, $ALWAYS) AS last
FROM events
WHERE $WHERE AND ($BEGINS OR $RETURNS)
