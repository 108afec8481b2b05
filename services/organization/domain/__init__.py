"""The organization service's rules: pure, no clock, no database."""
