"""Device models: one file each, small, and strict about what silicon would refuse."""
