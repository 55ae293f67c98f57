"""A Core on Unicorn, and models of the devices that loaders drive."""
