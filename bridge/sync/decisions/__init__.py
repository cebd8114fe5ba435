"""A person's word: on what is held, refused, left alone, or in conflict."""
