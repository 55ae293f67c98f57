"""The common model of a flash loader, and the model of every result. Pure values: no input, no output."""
