"""The rules of accounts and sessions, pure."""
