"""What rules look at: files as they are, with what is known about them."""
