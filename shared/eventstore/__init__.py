"""The event store: append, read in order, claims; over memory, SQLite and PostgreSQL."""
