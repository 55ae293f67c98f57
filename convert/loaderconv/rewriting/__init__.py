"""The same loader in the same flavour, written anew: canonical layout, and what the user or a known host asks for."""
