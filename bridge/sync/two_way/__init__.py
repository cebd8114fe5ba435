"""What people change on a page of a two-way mirror, and who is right when two did."""
