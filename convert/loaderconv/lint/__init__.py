"""Checks loaders against the rules that hosts, vendors and real files taught."""
