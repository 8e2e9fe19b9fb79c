"""Load: spool → dedupe → enrich → store → books → only then trim the spool. And the ends of sessions."""
