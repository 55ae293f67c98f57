"""The bytes and symbols of an output."""
