"""IAR flash loaders: the executable, its `.flash` and `.board` files."""
