"""Who may what: principals, roles, permissions, and the one place where decisions are taken."""
