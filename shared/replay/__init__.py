"""历史追溯 of one context's own streams: timeline, state at a moment, field-by-field difference of two."""
