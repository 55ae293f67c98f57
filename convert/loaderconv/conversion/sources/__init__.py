"""What of each flavour is carried over."""
