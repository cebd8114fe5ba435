"""State of the sandbox as a document: written, checked and read back, compared."""
