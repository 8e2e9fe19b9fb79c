-- What alerts come to. `alert` names an alert of the control database; what it watched then is kept in `about` (JSON).

-- until   end of the last window judged (ms); changed: of the alert as it was judged, so that a changed one begins anew
CREATE TABLE watched (
    alert TEXT PRIMARY KEY, until INTEGER NOT NULL, changed INTEGER NOT NULL, calm INTEGER NOT NULL,
    finding TEXT NOT NULL
) WITHOUT ROWID;

-- An incident is open until it is closed. first, worst, latest: findings (JSON); picture: windows up to the latest (JSON).
CREATE TABLE incidents (
    id INTEGER PRIMARY KEY AUTOINCREMENT, site TEXT NOT NULL, alert TEXT NOT NULL, about TEXT NOT NULL,
    opened INTEGER NOT NULL, closed INTEGER, why_closed TEXT NOT NULL DEFAULT '',
    first TEXT NOT NULL, worst TEXT NOT NULL, latest TEXT NOT NULL, picture TEXT NOT NULL, muted INTEGER NOT NULL
);
CREATE UNIQUE INDEX incidents_open ON incidents (alert) WHERE closed IS NULL;
CREATE INDEX incidents_by_site ON incidents (site, id);

-- Messages, each to one channel. due: when it is tried next (ms), NULL when it is done or given up.
CREATE TABLE deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT, message TEXT NOT NULL, incident INTEGER NOT NULL, site TEXT NOT NULL,
    channel TEXT NOT NULL, event TEXT NOT NULL, body TEXT NOT NULL, made INTEGER NOT NULL,
    due INTEGER, sent INTEGER
);
CREATE INDEX deliveries_due ON deliveries (due) WHERE due IS NOT NULL;
CREATE INDEX deliveries_by_incident ON deliveries (incident);
CREATE TABLE delivery_tries (
    delivery INTEGER NOT NULL, number INTEGER NOT NULL, time INTEGER NOT NULL, status INTEGER, answer TEXT NOT NULL,
    took_ms INTEGER NOT NULL,
    PRIMARY KEY (delivery, number)
) WITHOUT ROWID;
