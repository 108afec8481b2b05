"""What the platform says about itself while it runs: logs, metrics."""
