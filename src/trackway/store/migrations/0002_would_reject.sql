-- The reason that a site's rules in report mode would have refused the event for; empty for all others.
ALTER TABLE events ADD COLUMN IF NOT EXISTS would_reject LowCardinality(String);
