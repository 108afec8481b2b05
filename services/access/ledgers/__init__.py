"""What access derives: the list of accounts, and the organisation tree that grants reach over."""
