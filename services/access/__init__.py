"""Who is who: accounts, grants of roles, sign-in, sessions."""
