"""Contract suites for sources and providers, for our own tests and for third parties."""
