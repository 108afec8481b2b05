"""The study service's rules: pure, no clock, no database."""
