"""检索: a register of documents derived from every context's events, and the index derived from the register."""
