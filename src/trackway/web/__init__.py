"""Web: the JSON API and its description, the live stream, logins, and the static files. The only room that joins."""
