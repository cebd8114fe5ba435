"""Which of our components a page's component is. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bridge.config.settings import ComponentSettings, MirrorSettings


def our_component(
    remote_id: str, name: str, mirrors: Iterable[MirrorSettings], components: Mapping[str, ComponentSettings]
) -> str | None:
    """Which of our components a page's component is: as a mirror says, by id or name; else the one of equal name.

    Args:
        remote_id: of the page's component.
        name: of the page's component.
        mirrors: those of the page.
        components: those that are ours by configuration.
    """
    for mirror in mirrors:
        if mirror.components is not None:
            named = mirror.components.get(remote_id) or mirror.components.get(name)
            if named:
                return named
        else:
            equal = [ours for ours, component in components.items() if name in (component.name, ours)]
            if equal:
                return equal[0]
    return None
