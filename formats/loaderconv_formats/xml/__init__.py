"""XML from strangers: a document that loses nothing, and new files."""
