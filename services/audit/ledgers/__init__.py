"""What the audit service derives."""
