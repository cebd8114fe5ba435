"""Policy: alerts, routes and time become incidents. Pure: no clock, no store, no network."""
