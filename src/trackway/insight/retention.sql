-- Who came back? Customers by the period in which they first began, and how many of them came back in each period from then
-- on (`period` 0 is the one they began in; -1 stands for all of them).
SELECT cohort, period, count() AS n
FROM (SELECT cohort, arrayJoin(periods) AS period FROM ($PEOPLE))
WHERE period < {periods:UInt16}
GROUP BY cohort, period
ORDER BY cohort, period
