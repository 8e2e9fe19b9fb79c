"""Control data: sites, API keys, users and logins. SQLite by default; written rarely, read from memory."""
