"""Faithful local copies of the four providers, with fault injection. Shares no code with the providers."""
