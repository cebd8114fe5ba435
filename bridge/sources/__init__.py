"""One file per alerting tool: what it sends and what that means."""
