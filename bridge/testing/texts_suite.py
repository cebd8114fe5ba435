"""Texts, losses and what is not for everybody, as tests; a part of :mod:`bridge.testing.provider_suite`.

Nothing in here asks which provider it is.
"""

# ruff: noqa: D102 - the names of tests are sentences

from __future__ import annotations

from dataclasses import replace

import pytest

from bridge.errors import Refused
from bridge.model.enums import ComponentStatus, Kind, Publication, Visibility
from bridge.model.objects import Text
from bridge.testing.stage import IDENTIFIED, OPENING, RESOLVED, Stage, assert_shows, incident
from bridge.testing.staged import Staged

TEXTS = {
    "emoji": "🔥 down 👩‍👩‍👧‍👦 🇩🇪",
    "right to left": "תקלה בשירות — خلل في الخدمة",
    "accents, both ways": "Störung caffè cafe\u0301 ﬁ",
    "signs": "a & b < c > d \"e\" 'f' 100% \\ / `g` *h* _i_",
    "white space": "  two  blanks\tand\u00a0more \r\n\r\n line  ",
    "controls": "nul\x00 bell\x07 half \ud83d surrogate",
    "long": "Wörter und 🔥 " * 3000,
}


class TextsSuite(Staged):
    """What holds for texts at every provider."""

    @pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
    def test_any_text_is_shown_as_it_was_wanted(self, stage: Stage, text: str) -> None:
        refs = stage.refs()
        obj = incident(replace(OPENING, message=Text(text)), replace(IDENTIFIED, message=Text(text)), title=text)
        wanted, _ = stage.provider.translate(obj, refs)
        link, _ = stage.settle(obj, refs)
        seen = stage.seen(Kind.INCIDENT, link.remote_id)
        assert_shows(seen, wanted.echo)
        assert [item.echo for item in seen.appended][-1:] == [append.echo for append in wanted.appends]
        assert [found.remote_id for found in stage.provider.find(Kind.INCIDENT, wanted.find)] == [link.remote_id]

    def test_an_update_without_words_still_says_something(self, stage: Stage) -> None:
        refs = stage.refs()
        obj = incident(replace(OPENING, message=Text("")), replace(RESOLVED, message=Text(" \n")))
        link, _ = stage.settle(obj, refs)
        seen = stage.seen(Kind.INCIDENT, link.remote_id)
        assert_shows(seen, stage.provider.translate(obj, refs)[0].echo)

    def test_a_title_that_is_cut_is_a_loss(self, stage: Stage) -> None:
        wanted, losses = stage.provider.translate(incident(title="word " * 100), stage.refs())
        assert len(str(wanted.create.get("name", wanted.create.get("title")))) <= 255
        assert [loss for loss in losses if loss.field == "title" and loss.why]

    def test_a_component_without_a_copy_there_is_left_out_and_told(self, stage: Stage) -> None:
        obj = incident(components={"api": ComponentStatus.DEGRADED, "elsewhere": ComponentStatus.MAJOR_OUTAGE})
        refs = stage.refs()
        _, losses = stage.provider.translate(obj, refs)
        link, _ = stage.settle(obj, refs)
        assert link.remote_id
        assert [loss for loss in losses if "elsewhere" in loss.had]

    @pytest.mark.parametrize("visibility", [Visibility.AUTHENTICATED, Visibility.HIDDEN])
    def test_what_is_not_for_the_public_is_never_shown_to_it(self, stage: Stage, visibility: Visibility) -> None:
        obj = incident(visibility=visibility)
        if stage.provider.capabilities.may_show(visibility):
            stage.settle(obj, stage.refs())
        else:
            with pytest.raises(Refused):
                stage.provider.translate(obj, stage.refs())
        page = stage.sandbox.plugins[self.name].page()
        assert (*page.open_incidents, *page.past_incidents) == ()

    @pytest.mark.parametrize("publication", [Publication.HELD, Publication.REJECTED])
    def test_what_is_not_published_is_refused(self, stage: Stage, publication: Publication) -> None:
        with pytest.raises(Refused):
            stage.provider.translate(incident(publication=publication), stage.refs())

    def test_translating_is_pure(self, stage: Stage) -> None:
        refs = stage.refs()
        stage.calls.clear()
        obj = incident(OPENING, IDENTIFIED, RESOLVED)
        assert stage.provider.translate(obj, refs) == stage.provider.translate(obj, refs)
        assert stage.calls == []
