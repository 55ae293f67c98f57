"""Hosts: each knows how its tool places a loader, calls its routines and judges the results, over any Core."""
