"""Conversions from file to file."""
