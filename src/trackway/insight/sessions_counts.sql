-- Sessions counted together by `$KEY`. Quantiles are exact: the value below which that share of sessions lies.
SELECT $KEY AS value, count() AS sessions, uniqExact(customer) AS customers, countIf(bounced) AS bounces,
       sum(pages) AS pages, sum(length) AS length_sum, quantileExact(0.5)(length) AS length_p50,
       quantileExact(0.9)(length) AS length_p90
FROM ($SESSIONS)
WHERE $SHOWN
GROUP BY value
ORDER BY $ORDER
LIMIT {most:UInt32}
