-- Replay: what a request said for all of its events is kept once beside its refused events.
-- replayed   epoch ms at which a replay stored the event, or found it stored; verdict says which
-- replay     the replay that the event waits in
-- sampled    kept as one of a few, because the site's quarantine was full
-- bytes      what the row counts for against the limit

ALTER TABLE quarantine ADD COLUMN action TEXT NOT NULL DEFAULT '';
ALTER TABLE quarantine ADD COLUMN request INTEGER;
ALTER TABLE quarantine ADD COLUMN verdict TEXT;
ALTER TABLE quarantine ADD COLUMN replay INTEGER;
ALTER TABLE quarantine ADD COLUMN sampled INTEGER NOT NULL DEFAULT 0;
ALTER TABLE quarantine ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;
UPDATE quarantine SET bytes = length(event) + 400;
UPDATE quarantine SET action = substr(json_extract(event, '$.action'), 1, 64)
WHERE json_valid(event) AND json_type(event) = 'object' AND json_type(event, '$.action') = 'text';

CREATE INDEX quarantine_by_id ON quarantine (id) WHERE id IS NOT NULL;
CREATE INDEX quarantine_by_received ON quarantine (received);
CREATE INDEX quarantine_by_uuid ON quarantine (site, uuid);
CREATE INDEX quarantine_by_request ON quarantine (request) WHERE request IS NOT NULL;
CREATE INDEX quarantine_waiting ON quarantine (replay, position) WHERE replay IS NOT NULL;
CREATE INDEX quarantine_sampled ON quarantine (site, position) WHERE sampled = 1;

CREATE TABLE requests (position INTEGER PRIMARY KEY, facts TEXT NOT NULL);
CREATE TABLE held (
    site TEXT NOT NULL, sampled INTEGER NOT NULL, bytes INTEGER NOT NULL, PRIMARY KEY (site, sampled)
) WITHOUT ROWID;
INSERT INTO held SELECT site, 0, sum(bytes) FROM quarantine GROUP BY site;
CREATE TRIGGER quarantine_kept AFTER INSERT ON quarantine BEGIN
    INSERT INTO held VALUES (NEW.site, NEW.sampled, NEW.bytes) ON CONFLICT DO UPDATE SET bytes = bytes + excluded.bytes;
END;
CREATE TRIGGER quarantine_gone AFTER DELETE ON quarantine BEGIN
    UPDATE held SET bytes = bytes - OLD.bytes WHERE site = OLD.site AND sampled = OLD.sampled;
    DELETE FROM requests WHERE position = OLD.request
        AND NOT EXISTS (SELECT 1 FROM quarantine WHERE request = OLD.request);
END;

CREATE TABLE replays (
    id INTEGER PRIMARY KEY AUTOINCREMENT, site TEXT NOT NULL, asked INTEGER NOT NULL, matched INTEGER NOT NULL,
    stored INTEGER NOT NULL DEFAULT 0, duplicates INTEGER NOT NULL DEFAULT 0, rejected INTEGER NOT NULL DEFAULT 0
);

ALTER TABLE rejections ADD COLUMN not_kept INTEGER NOT NULL DEFAULT 0;
ALTER TABLE ledger ADD COLUMN replayed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE ledger ADD COLUMN dropped INTEGER NOT NULL DEFAULT 0;

-- Which stored events were sent again: for whoever asks what became of one.
CREATE TABLE repeats (
    site TEXT NOT NULL, id TEXT NOT NULL, n INTEGER NOT NULL, last INTEGER NOT NULL, PRIMARY KEY (site, id)
) WITHOUT ROWID;
CREATE INDEX repeats_by_last ON repeats (last);
