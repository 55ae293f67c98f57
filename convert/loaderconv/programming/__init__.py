"""Firmware onto a device with a loader, over any Core: planned, within limits, verified."""
