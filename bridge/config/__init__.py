"""bridge.yaml and the environment: read once, checked whole, handed on as frozen settings."""
