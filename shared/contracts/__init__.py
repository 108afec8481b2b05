"""The only definition of each event; all that contexts know of one another."""
