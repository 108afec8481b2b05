"""The points service: an archive of one's own, posted from the other services' events (§7b)."""
