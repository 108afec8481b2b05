"""Agencies, the organisation tree, members, organised life and the work plan (§0, §5)."""
