"""From owed to done: plan (pure), reconcile, settle, ingest, mirror, sweep."""
