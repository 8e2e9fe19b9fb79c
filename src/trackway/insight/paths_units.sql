-- Each unit (a session, or a customer) that has the start, and the names of what followed it (or came before), nearest first.
-- A unit counts once, from its first start; without a start, its whole path counts. Order within a unit: time, then the device's own number, then arrival.
SELECT customer, last, arraySlice(arrayFilter(name -> name != '', arrayMap(one -> one.2, $BEHIND)), 1, {steps:UInt8}) AS path
FROM (
    SELECT unit, argMax(person, place) AS customer, max(time) AS last,
           arraySort(groupArray((place, name, begins))) AS told,
           arrayFirstIndex(one -> one.3, told) AS at
    FROM (
        SELECT time, $PLACE AS place, $CUSTOMER AS person, $UNIT AS unit, $NAME AS name, $BEGINS AS begins
        FROM events
        WHERE $WHERE
    )
    WHERE name != '' OR begins
    GROUP BY unit
    HAVING at > 0
)
