"""What the service decides: pure."""
