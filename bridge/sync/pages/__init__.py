"""Pages that are looked at: what is there, what of it is news, and where it goes."""
