"""A page as years of use leave it: planned once for all providers, then rendered by each into its own rows."""
