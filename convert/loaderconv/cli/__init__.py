"""The command line, one file per command. Only this package writes to the terminal."""
