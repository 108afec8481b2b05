"""HTTP at the edge: problems in Chinese with stable codes, sign-in, tokens, limits."""
