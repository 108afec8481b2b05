"""Files: content-addressed, encrypted under their document's key."""
