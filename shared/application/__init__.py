"""From a request to an append: the command handler, idempotency keys, tokens."""
