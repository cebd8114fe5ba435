"""statusbridge: between every alerting tool and every status page."""

__version__ = "0.1.0"
