"""What each flavour of output looks like: layout, device, plan."""
