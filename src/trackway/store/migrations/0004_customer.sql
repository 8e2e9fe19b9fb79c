-- Whose event it is, decided when it is loaded: a device's own uuid, or the customer that the device was switched to. Events
-- from before are their device's.
ALTER TABLE events ADD COLUMN IF NOT EXISTS customer UUID DEFAULT uuid;

-- Which customers are one: a copy of what the books say, for questions that count customers. The newest version holds.
CREATE TABLE IF NOT EXISTS merged (
    site LowCardinality(String),
    customer UUID,
    whole UUID,
    version UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (site, customer)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, cleanup_delay_period = 1, max_cleanup_delay_period = 5,
    cleanup_delay_period_random_add = 0;

-- The same in memory, looked up by one number: 20 ms for a million events.
CREATE DICTIONARY IF NOT EXISTS merged_customers (
    known UInt64,
    whole UUID
)
PRIMARY KEY known
SOURCE(CLICKHOUSE(QUERY
    'SELECT cityHash64(site, customer) AS known, argMax(whole, version) AS whole FROM trackway.merged GROUP BY site, customer'))
LAYOUT(HASHED())
LIFETIME(0);
