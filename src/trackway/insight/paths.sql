-- What did they see next? One row a flow: at `step`, `count` units went from `source` to `target`.
-- The most frequent names of each step stand for themselves, the others together for 'other'. A unit whose path ends before
-- a step goes to 'left' there, and is in no later flow. Every unit at a name has exactly one flow out of it, so that the
-- counts of the flows out of a name add up to the name's own.
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
            FROM ($UNITS)
            ARRAY JOIN arrayMap(
                step -> (step, if(step = 1, 'start', path[step - 1]), path[step]),
                range(1, least(length(path) + 1, {steps:UInt8}) + 1)) AS flow
            GROUP BY step, source, target
        )
    )
)
GROUP BY step, from_name, to_name
ORDER BY step, count DESC, from_name, to_name
