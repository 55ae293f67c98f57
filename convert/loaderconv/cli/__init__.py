"""The command line, one file per command; the conversions share one. Only this package writes to the terminal."""
