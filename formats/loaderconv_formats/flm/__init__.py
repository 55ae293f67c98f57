"""Keil and CMSIS-Pack flash algorithms (docs/formats/flm.md)."""
