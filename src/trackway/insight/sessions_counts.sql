-- Sessions counted together: all of them, and by each of the things that they have in common. Most sessions first.
-- Quantiles are exact: the value below which that share of sessions lies.
SELECT key.1 AS kind, key.2 AS value, count() AS sessions, uniqExact(customer) AS customers, countIf(bounced) AS bounces,
       sum(pages) AS pages, sum(length) AS length_sum, quantileExact(0.5)(length) AS length_p50,
       quantileExact(0.9)(length) AS length_p90
FROM (
    SELECT *, $DAY AS day
    FROM ($SESSIONS)
)
ARRAY JOIN [('total', ''), ('days', day), ('entries', entry), ('exits', exit), ('breakdown', property)] AS key
WHERE value != '' OR kind NOT IN ('entries', 'exits')
GROUP BY kind, value
ORDER BY kind, sessions DESC, value
LIMIT {most:UInt32} BY kind
