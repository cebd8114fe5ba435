"""The web application: hooks, dashboard, health, metrics."""
