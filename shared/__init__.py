"""The kernel every context stands on: contracts, event store, messaging, projections, security, HTTP."""
