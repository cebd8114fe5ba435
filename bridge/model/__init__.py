"""The canonical model: what statusbridge knows, whatever the source and whatever the provider."""
