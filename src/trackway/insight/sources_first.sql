-- Sessions with what first brought their customer, ever: the earliest visit from outside, whatever the range. Of whoever never
-- visited nothing is known: the join gives zeros and empty texts.
SELECT unit, customer, last, ever.visited AS visited, ever.told AS told, ever.came AS came
FROM ($SESSIONS) AS session
LEFT JOIN ($EVER) AS ever ON ever.unit = session.customer
