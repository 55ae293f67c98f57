"""Reads Thumb code without running it: what can be reached, and which constant addresses it uses.

Encodings are those of the Armv6-M to Armv8-M Architecture Reference Manuals. Arm state is not read.
"""
