"""Scenarios: what a host does with a loader from first erase to last verify, and what must come of it."""
