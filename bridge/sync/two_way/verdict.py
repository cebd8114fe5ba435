"""Which of a person's changes on a page are taken over: conflicts by policy, oscillations stopped. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bridge.clock import to_millis
from bridge.config.settings import Conflicts
from bridge.model.pages import Mirrored, Travels
from bridge.model.state import Decision, Why
from bridge.sync.two_way.copies import Edit, Edited, with_field, with_updates

UPDATES = "updates"
"""Stands for added updates where a field is named."""
WINDOW = timedelta(minutes=10)
"""Changes that are further apart are no oscillation."""
_RETURNS = 2
"""So often a field may come back to a value that it had; once more, and machines are quarrelling over it."""
_MOST_UPDATES = 10
"""So many updates of one object may come from pages within the window: people don't write faster."""


@dataclass(frozen=True, slots=True)
class Case:
    """What there is to decide about.

    Attributes:
        obj: as it is known.
        edited: what people changed on the page.
        page: that they changed it on.
        is_original: the page is the one that the object comes from.
        policy: of the mirror.
        forced: somebody has said that what stands on the page counts.
        travels: what came from pages before.
    """

    obj: Mirrored
    edited: Edited
    page: str
    is_original: bool
    policy: Conflicts
    forced: bool
    travels: Travels
    now: datetime


@dataclass(frozen=True, slots=True)
class Verdict:
    """What follows.

    Attributes:
        obj: with what is taken over.
        travels: with what is remembered of it.
        decisions: for the story.
        overruled: something on the page is to be written again as the others have it.
    """

    obj: Mirrored
    travels: Travels
    decisions: tuple[Decision, ...] = ()
    overruled: bool = False


def decide(case: Case) -> Verdict:
    """Go through the changes, each on its own; what was added first, because it may say why a field changed."""
    judge = _Judge(case)
    if case.edited.updates:
        judge.updates()
    for edit in case.edited.fields:
        judge.field(edit)
    return judge.verdict()


@dataclass
class _Judge:
    case: Case
    obj: Mirrored = field(init=False)
    travels: Travels = field(init=False)
    decisions: list[Decision] = field(default_factory=list)
    overruled: bool = False

    def __post_init__(self) -> None:
        self.obj = self.case.obj
        stopped = () if self.case.forced else self.case.travels.stopped
        clashes = {} if self.case.forced else self.case.travels.clashes
        self.travels = replace(self.case.travels, stopped=stopped, clashes=clashes)

    def verdict(self) -> Verdict:
        return Verdict(self.obj, self.travels, tuple(self.decisions), self.overruled)

    def updates(self) -> None:
        """What was added is taken, whoever wins: no text is lost. The state that it tells, only if that counts."""
        case = self.case
        print_of = _print([update.id for update in case.edited.updates])
        if not self._may_pass(UPDATES, print_of):
            return
        counts = self._counts(UPDATES, print_of, clashes=case.edited.clashes)
        if counts is None:
            return
        added = case.edited.updates if counts else tuple(replace(item, status=None) for item in case.edited.updates)
        self.obj = with_updates(self.obj, added)
        self._tell(Why.TRAVELLED, f"somebody added an update on {case.page}: it goes to the other pages")
        self._remember(UPDATES, [update.id for update in case.edited.updates])

    def field(self, edit: Edit) -> None:
        """One field."""
        print_of = _print(edit.value)
        if not self._may_pass(edit.field, print_of) or not self._counts(edit.field, print_of, clashes=edit.clashes):
            return
        self.obj = with_field(self.obj, edit, self.case.page, self.case.now)
        self._tell(Why.TRAVELLED, f"somebody changed {edit.field} on {self.case.page}: it goes to the other pages")
        self._remember(edit.field, [print_of])

    def _counts(self, name: str, print_of: str, *, clashes: bool) -> bool | None:
        """Whether a change wins; None where nobody does before a person has decided."""
        case = self.case
        if not clashes or case.forced:
            return True
        if case.policy is Conflicts.HOLD:
            mark = f"{case.page}.{name}"
            if case.travels.clashes.get(mark) != print_of:
                how = f"`statusbridge take` takes it from {case.page}, `statusbridge reclaim` puts it back there"
                self._tell(Why.CONFLICT, f"{name} was changed on {case.page} and elsewhere too, and is held: {how}")
                self.travels = replace(self.travels, clashes={**self.travels.clashes, mark: print_of})
            return None
        wins = case.is_original or case.policy is Conflicts.NEWEST
        who = f"{case.page} wins" if wins else f"the others win over {case.page}"
        self._tell(Why.CONFLICT, f"{name} was changed on {case.page} and elsewhere too: {who} ({case.policy.value})")
        self.overruled = self.overruled or not wins
        return wins

    def _may_pass(self, name: str, print_of: str) -> bool:
        """False for what is stopped, and for what is stopped now because it goes to and fro."""
        if name in self.travels.stopped:
            return False
        recent = self._recent(name)
        if name == UPDATES:
            restless = len(recent) >= _MOST_UPDATES
        else:
            restless = sum(seen == print_of for _, seen in recent) >= _RETURNS
        if restless:
            self.travels = replace(self.travels, stopped=(*self.travels.stopped, name))
            how = "`statusbridge take` lets it go on"
            self._tell(Why.OSCILLATION, f"{name} goes to and fro between pages, and is left alone from now on: {how}")
        return not restless

    def _recent(self, name: str) -> Sequence[tuple[int, str]]:
        oldest = to_millis(self.case.now - WINDOW)
        return [(at, seen) for at, seen in map(tuple, self.travels.history.get(name, ())) if at >= oldest]

    def _remember(self, name: str, prints: Sequence[str]) -> None:
        at = to_millis(self.case.now)
        history = (*self._recent(name), *((at, each) for each in prints))[-2 * _MOST_UPDATES :]
        self.travels = replace(self.travels, history={**self.travels.history, name: history})

    def _tell(self, why: Why, text: str) -> None:
        obj = self.case.obj
        self.decisions.append(Decision(self.case.now, obj.id, why, text, incident=obj.id))


def _print(value: object) -> str:
    return hashlib.sha256(repr(value).encode("utf-8", "surrogatepass")).hexdigest()[:12]
