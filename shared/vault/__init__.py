"""Keys of people, documents and streams; sealing, commitments, erasure."""
