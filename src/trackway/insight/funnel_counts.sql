-- How many units ended at each step, by what they are told apart by. A unit that reached a step reached those before it.
SELECT property, reached, count() AS n
FROM ($UNITS)
GROUP BY property, reached
