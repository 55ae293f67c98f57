"""Machines: which core, RAM and devices stand around a loader."""
