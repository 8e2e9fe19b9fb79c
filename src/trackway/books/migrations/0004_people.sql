-- Who is who: what customers are known by, which of them are one person, and whose a device was when.
-- A customer is named by a uuid: of the device they were first seen on, or one made of an identifier.

-- folded     the value without regard to case, for searching
-- event      the event that said so; empty where a person did
CREATE TABLE identifiers (
    site TEXT NOT NULL, kind TEXT NOT NULL, value TEXT NOT NULL, folded TEXT NOT NULL,
    customer TEXT NOT NULL, since INTEGER NOT NULL, event TEXT NOT NULL,
    PRIMARY KEY (site, kind, value)
) WITHOUT ROWID;
CREATE INDEX identifiers_by_customer ON identifiers (site, customer);

-- From (since, position) on the device is this customer's; before its first line it is its own. An empty customer: erased.
CREATE TABLE switches (
    site TEXT NOT NULL, uuid TEXT NOT NULL, since INTEGER NOT NULL, position INTEGER NOT NULL,
    customer TEXT NOT NULL, event TEXT NOT NULL,
    PRIMARY KEY (site, uuid, since, position)
) WITHOUT ROWID;
CREATE INDEX switches_by_customer ON switches (site, customer);
-- Every device that was switched to a customer, also when its switches are too many to be kept.
CREATE TABLE devices (
    site TEXT NOT NULL, customer TEXT NOT NULL, uuid TEXT NOT NULL, since INTEGER NOT NULL, event TEXT NOT NULL,
    PRIMARY KEY (site, customer, uuid)
) WITHOUT ROWID;
CREATE INDEX devices_by_uuid ON devices (site, uuid);

-- The log of merges. One that is not undone stands: `customer`, and all that stands under it, is `into`.
CREATE TABLE merges (
    id INTEGER PRIMARY KEY AUTOINCREMENT, site TEXT NOT NULL, customer TEXT NOT NULL, into_customer TEXT NOT NULL,
    time INTEGER NOT NULL, why TEXT NOT NULL, event TEXT NOT NULL, who TEXT NOT NULL,
    undone INTEGER, undone_by TEXT
);
CREATE UNIQUE INDEX merges_standing ON merges (site, customer) WHERE undone IS NULL;
CREATE INDEX merges_by_into ON merges (site, into_customer);

-- What the standing merges come to: the whole that a customer is part of. `version` grows with each change.
CREATE TABLE merged (
    site TEXT NOT NULL, customer TEXT NOT NULL, whole TEXT NOT NULL, version INTEGER NOT NULL,
    PRIMARY KEY (site, customer)
) WITHOUT ROWID;
CREATE INDEX merged_by_whole ON merged (site, whole);
CREATE INDEX merged_by_version ON merged (version);
CREATE TABLE merged_version (one INTEGER PRIMARY KEY CHECK (one = 1), version INTEGER NOT NULL);
INSERT INTO merged_version VALUES (1, 0);
