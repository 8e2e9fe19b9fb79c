-- Events of each interval and name, counted before they are put together: counts add up.
SELECT bucket, told, sum(events) AS events
FROM ($EVENTS)
GROUP BY bucket, told
