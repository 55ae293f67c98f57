"""What files are and how they differ, on the model; nothing is written."""
