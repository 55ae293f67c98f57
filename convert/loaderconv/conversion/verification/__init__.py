"""Whether an output is what was planned, and does what its source does."""
