-- What customers did, event by event, with the columns of a stretch: an event is the shortest there is.
SELECT session, $CUSTOMER AS person, time AS at, $PROPERTY AS property, toUInt64(1) AS events, $PLACE AS first_place,
       $PLACE AS last_place,
       toUInt8(channel != '') AS visited, if($TELLS, $PLACE, 0) AS brought, $WHAT AS came,
       toUInt64(page != '') AS pages, if(page != '', $PLACE, 0) AS entered, page AS entry, if(page != '', $PLACE, 0) AS left,
       page AS exit, toUInt64(action NOT IN {passive:Array(String)}) AS active
FROM events
WHERE $WHERE
