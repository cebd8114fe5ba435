"""The WSGI application, made from its settings, a store and a clock; nothing is connected at import."""

from __future__ import annotations

from flask import Flask

from bridge.clock import Clock
from bridge.config.settings import Settings
from bridge.sources.signatures.factory import Verifiers
from bridge.store import Store
from bridge.web import errors, health, hooks, metrics
from bridge.web.dashboard import views
from bridge.web.refusals import Refusals


def create_app(settings: Settings, store: Store, clock: Clock, verifiers: Verifiers | None = None) -> Flask:
    """The whole web side: hooks, health, metrics and the dashboard.

    Args:
        settings: what bridge.yaml says.
        store: where everything is kept.
        clock: tells the time.
        verifiers: checks signatures; None takes those that ask Amazon SNS over the network.

    Raises:
        ConfigError: when a configured source type cannot be loaded.
    """
    app = Flask("bridge.web", static_folder=None)
    # A doubled slash would otherwise be answered by a redirect that repeats the path, and with it its secret.
    app.url_map.merge_slashes = False
    refusals = Refusals(store)
    errors.register(app)
    app.register_blueprint(hooks.blueprint(settings, store, clock, refusals, verifiers))
    app.register_blueprint(health.blueprint(store))
    app.register_blueprint(metrics.blueprint(settings, store, clock, refusals))
    app.register_blueprint(views.blueprint(settings, store, clock))
    return app
