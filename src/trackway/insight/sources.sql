-- Where did they come from? Sessions by what brought them; `total` are those of all names, also of names not listed.
SELECT name, sessions, customers, sum(sessions) OVER () AS total
FROM (
    SELECT $NAME AS name, count() AS sessions, uniqExact(customer) AS customers
    FROM ($SESSIONS)
    GROUP BY name
)
ORDER BY sessions DESC, name
LIMIT {limit:UInt32}
