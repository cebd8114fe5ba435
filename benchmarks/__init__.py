"""Measurements, not tests: each module is a command that prints its figure and the machine's core count."""
