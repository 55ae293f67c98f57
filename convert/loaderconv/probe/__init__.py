"""Targets on a debug probe, by pyOCD: a Core for hosts, and a probe whose target is an emulated core."""
