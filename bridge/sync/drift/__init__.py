"""What is there against what should be, and what is done about it."""
