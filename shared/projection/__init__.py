"""Views derived from events: ledgers, reactions, the search register, and the runner that feeds them."""
