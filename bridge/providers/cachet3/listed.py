"""What a listing of incidents tells of the components, made trustworthy. Pure but for the given look.

A listing brings every component once, with the impact of the first incident that names it (JSON:API includes are
unique). So an open incident whose components were named before is looked at alone, which are few; a closed one is
marked instead, because a page may have hundreds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from bridge.model.enums import IncidentStatus
from bridge.providers.base.mapping import Mapping as Words
from bridge.providers.cachet3.reader import LISTED

Row = Mapping[str, Any]


def trustworthy(rows: Iterable[Row], words: Words, look: Callable[[str], Row | None]) -> Iterator[Row]:
    """The rows of a listing, with impacts that are the incidents' own, or marked.

    Args:
        rows: in the order of the listing.
        words: the provider's tables.
        look: reads one incident; None when it is gone.
    """
    named: set[str] = set()
    for row in rows:
        ids = {str(component["id"]) for component in row.get("components") or ()}
        borrowed, named = bool(ids & named), named | ids
        if words.of(IncidentStatus, row["status"]["value"]).is_terminal:
            yield {**row, LISTED: True}
            continue
        whole = look(str(row["id"])) if borrowed else row
        if whole is not None:
            yield whole
