"""The organization service's read models: each one module of table, handlers and queries."""
