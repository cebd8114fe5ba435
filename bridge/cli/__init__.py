"""The statusbridge command, one file per group."""
