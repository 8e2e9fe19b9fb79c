-- What books had before they were numbered; in older folders all of it is there already.
CREATE TABLE IF NOT EXISTS ledger (
    site TEXT NOT NULL, minute INTEGER NOT NULL, source TEXT NOT NULL, key TEXT NOT NULL,
    received INTEGER NOT NULL, stored INTEGER NOT NULL, duplicates INTEGER NOT NULL, made INTEGER NOT NULL,
    PRIMARY KEY (site, minute, source, key)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS rejections (
    site TEXT NOT NULL, minute INTEGER NOT NULL, source TEXT NOT NULL, key TEXT NOT NULL, code TEXT NOT NULL,
    n INTEGER NOT NULL,
    PRIMARY KEY (site, minute, source, key, code)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS watermark (one INTEGER PRIMARY KEY CHECK (one = 1), seq INTEGER NOT NULL);
INSERT OR IGNORE INTO watermark VALUES (1, 0);
CREATE TABLE IF NOT EXISTS quarantine (
    position INTEGER PRIMARY KEY,
    site TEXT NOT NULL, received INTEGER NOT NULL, source TEXT NOT NULL, key TEXT NOT NULL, origin TEXT NOT NULL,
    id TEXT, code TEXT NOT NULL, message TEXT NOT NULL, field TEXT, event TEXT NOT NULL,
    uuid TEXT NOT NULL,
    replayed INTEGER
);
CREATE INDEX IF NOT EXISTS quarantine_by_site ON quarantine (site, position);
