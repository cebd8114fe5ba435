"""The first page: what stands where, for people."""
