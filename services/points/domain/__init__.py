"""The points service's rules: pure, no clock, no database."""
