-- One row per stored event, once for all time by (site, id).
--
-- position  the event's place in the order of arrival: spool seq << 20 | place inside the group. The same record loaded
--           again gives the same position, which is how a replay is told from a duplicate. Live follows it.
-- time, received, client_time   epoch milliseconds, as on the wire
-- params    the JSON text as received, so that numbers keep their type and nothing is lost on the way
--
-- Parts are cut by month of arrival, not of the event's time: one insert is then one part, whole or not there, however
-- old the events in it are. The other orders are projections, not tables: they are written in the same part, so
-- that no crash can leave one behind the other.
--
-- by_id orders by toUInt128(id): ClickHouse compares UUIDs by their second half first, which would scatter UUIDv7 ids
-- that were made one after another.

CREATE TABLE IF NOT EXISTS events (
    site LowCardinality(String),
    id UUID,
    position UInt64 CODEC(Delta, ZSTD),
    action LowCardinality(String),
    label String CODEC(ZSTD),
    time Int64 CODEC(Delta, ZSTD),
    received Int64 CODEC(Delta, ZSTD),
    client_time Nullable(Int64) CODEC(ZSTD),
    uuid UUID,
    session Nullable(UUID),
    seq Nullable(UInt64) CODEC(ZSTD),
    source LowCardinality(String),
    authenticated Bool,
    bot Bool,
    params String CODEC(ZSTD),
    ip String CODEC(ZSTD),
    country LowCardinality(String),
    region LowCardinality(String),
    city LowCardinality(String),
    browser LowCardinality(String),
    os LowCardinality(String),
    device LowCardinality(String),
    channel LowCardinality(String),
    referrer_host LowCardinality(String),
    utm Map(LowCardinality(String), String),
    retention_days UInt16,
    key LowCardinality(String),
    INDEX position_range position TYPE minmax GRANULARITY 1,
    INDEX time_range time TYPE minmax GRANULARITY 1,
    INDEX received_range received TYPE minmax GRANULARITY 1,
    PROJECTION by_id (SELECT toUInt128(id), site, id, position ORDER BY toUInt128(id)),
    PROJECTION by_uuid (SELECT * ORDER BY site, uuid, time)
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(fromUnixTimestamp64Milli(received, 'UTC'))
ORDER BY (site, action, time)
-- least and greatest keep the time within what a DateTime can name, 1970 to 2100
TTL toDateTime(intDiv(least(greatest(time, 0), 4102444800000), 1000)) + toIntervalDay(retention_days)
    DELETE WHERE retention_days > 0
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, non_replicated_deduplication_window = 0;

-- Which customer an identifier belongs to. Written before the events that say so; writing it again changes nothing.
CREATE TABLE IF NOT EXISTS identifiers (
    site LowCardinality(String),
    kind LowCardinality(String),
    value String,
    uuid UUID,
    first_seen Int64
)
ENGINE = ReplacingMergeTree
ORDER BY (site, kind, value, uuid)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
