-- Each session with its customer, and what it has in common with others.
SELECT *, began + length AS last, $DAY AS day
FROM ($SESSIONS)
