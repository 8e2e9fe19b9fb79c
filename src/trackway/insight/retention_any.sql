-- Anything that was done, where anything begins and anything is coming back.
SELECT person, at, toInt64(bitShiftRight(last_place, 128)) AS seen, first_place AS first, last_place AS last
FROM ($STRETCHES)
