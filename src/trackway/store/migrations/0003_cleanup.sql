-- Parts that a merge or an erasure has replaced are looked for every few seconds, not every few minutes. A table takes
-- that up when it is loaded.
ATTACH TABLE IF NOT EXISTS events;
ATTACH TABLE IF NOT EXISTS identifiers;
ALTER TABLE events MODIFY SETTING cleanup_delay_period = 1, max_cleanup_delay_period = 5, cleanup_delay_period_random_add = 0;
ALTER TABLE identifiers MODIFY SETTING cleanup_delay_period = 1, max_cleanup_delay_period = 5, cleanup_delay_period_random_add = 0;
DETACH TABLE IF EXISTS events SYNC;
ATTACH TABLE IF NOT EXISTS events;
DETACH TABLE IF EXISTS identifiers SYNC;
ATTACH TABLE IF NOT EXISTS identifiers
