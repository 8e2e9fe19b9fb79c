SELECT step, if(source_rank <= {nodes:UInt16}, source, 'other') AS from_name,
       multiIf(target = '', 'left', target_rank <= {nodes:UInt16}, target, 'other') AS to_name, sum(n) AS count
FROM (
    SELECT step, source, target, n,
           dense_rank() OVER (PARTITION BY step ORDER BY source_n DESC, source) AS source_rank,
           dense_rank() OVER (PARTITION BY step, target = '' ORDER BY target_n DESC, target) AS target_rank
    FROM (
        SELECT step, source, target, n,
               sum(n) OVER (PARTITION BY step, source) AS source_n, sum(n) OVER (PARTITION BY step, target) AS target_n
        FROM (
            SELECT flow.1 AS step, flow.2 AS source, flow.3 AS target, count() AS n
            FROM (SELECT customer, last, arraySlice(arrayFilter(name -> name != '', arrayMap(one -> one.2, told)), 1, {steps:UInt8}) AS path
FROM (
    SELECT unit, argMax(person, place) AS customer, max(time) AS last,
           arraySort(groupArray((place, name, begins))) AS told,
           arrayFirstIndex(one -> one.3, told) AS at
    FROM (
        SELECT time, bitShiftLeft(toInt256(time), 128) + bitShiftLeft(toInt256(ifNull(seq, 0)), 64) + position AS place, dictGetOrDefault('merged_customers', 'whole', cityHash64(site, customer), customer) AS person, if(isNull(session), reinterpretAsUUID(sipHash128(toString(person))), assumeNotNull(session)) AS unit, page AS name, 1 AS begins
        FROM events
        WHERE site = {site:String} AND source != 'system' AND page != '' AND action IN ('page.visit', 'screen.view')
    )
    WHERE name != '' OR begins
    GROUP BY unit
    HAVING at > 0
))
            ARRAY JOIN arrayMap(
                step -> (step, if(step = 1, 'start', path[step - 1]), path[step]),
                range(1, least(length(path) + 1, {steps:UInt8}) + 1)) AS flow
            GROUP BY step, source, target
        )
    )
)
GROUP BY step, from_name, to_name
ORDER BY step, count DESC, from_name, to_name
