from web_side import logged, server, settings, store

__all__ = ["logged", "server", "settings", "store"]
