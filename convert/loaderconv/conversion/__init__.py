"""Conversion: read, plan, link, write, read back and verify."""
