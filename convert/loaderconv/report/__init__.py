"""Result models as something to print. Nothing here reads, decides or writes."""
