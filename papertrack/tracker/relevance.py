"""Topics that also want what is related to them: their relevance models, and what these find."""

from collections.abc import Collection, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple
from zlib import crc32

from papertrack.library.relevance import load_models, save_models
from papertrack.matching import fingerprint
from papertrack.models import Entry, Match, Paper, Related, Topic
from papertrack.searching.relevance import (
    VERSION,
    RelevanceModel,
    TrainingPaper,
    train,
    training_paper,
)
from papertrack.tracker import Tracker

if TYPE_CHECKING:  # where marks are kept, neither words nor a matcher are needed
    from papertrack.library.search_index import SearchIndex
    from papertrack.matching.matcher import Matcher

_GROWN = 1.25  # times as many papers: then it is time for new models


class Relevance(NamedTuple):
    """The relevance models of the topics that ask for them, in their order."""

    topics: tuple[Topic, ...]
    models: tuple[RelevanceModel, ...]

    @property
    def fingerprint(self) -> str:
        """Eight hexadecimal digits that change when a model does."""
        return f"{crc32(repr(self.models).encode()):08x}"

    def related(self, paper: Paper, matches: Collection[Match]) -> tuple[Related, ...]:
        """The topics that a paper with these matches is related to: none that it matches, that
        excludes it or that it is outside of.
        """
        known = {one.topic for one in matches}
        near = (model.related(paper) for model in self.models if model.topic not in known)
        found = [one for one in near if one]
        return tuple(one for one in found if self._may_be(paper, one.topic)) if found else ()

    def _may_be(self, paper: Paper, name: str) -> bool:
        (topic,) = (one for one in self.topics if one.name == name)
        (verdict,) = _matcher_of(topic).explain(paper)
        return not (verdict.matched or verdict.excluded_by or verdict.outside)


def relevance(tracker: Tracker, *, make: bool = True) -> Relevance | None:
    """The models of the topics asked about that want what is related to them, those not kept made
    now, which takes a second in a large library; with `make` off, None where one is missing.
    Raises LibraryError.
    """
    topics = _asking(tracker)
    kept = {one.rule: one for one in load_models(tracker.library)}
    missing = [one for one in topics if _rule(one) not in kept]
    if missing and not make:
        return None
    if missing:
        said = tracker.search_index()
        kept |= {_rule(one): _made(tracker, one, said) for one in missing}
        save_models(tracker.library, [kept[_rule(one)] for one in topics])
    asked = tuple(one for one in topics if one in tracker.selected_topics)
    return Relevance(asked, tuple(kept[_rule(one)] for one in asked))


def renew(tracker: Tracker) -> None:
    """Make the kept models anew of which the library has grown a quarter since. Raises as above."""
    if _asking(tracker) and (kept := load_models(tracker.library)):
        size = tracker.library.size()
        left = [one for one in kept if size <= _GROWN * one.papers]
        if len(left) < len(kept):
            save_models(tracker.library, left)
            relevance(tracker)


def trial_model(tracker: Tracker, topic: Topic) -> Relevance:
    """The model of a topic that may be a draft: the kept one, else one made now and not kept."""
    rule = _rule(topic)
    kept = next((one for one in load_models(tracker.library) if one.rule == rule), None)
    return Relevance((topic,), (kept or _made(tracker, topic, tracker.search_index()),))


def related_papers(tracker: Tracker, found: Relevance) -> Iterator[Entry]:
    """The papers of the library that are related to a topic of these models and do not match it,
    watched, with that said.
    """
    models = [(one, one.least) for one in found.models if one.least is not None]
    if not models:
        return
    said = tracker.search_index()
    scores = ((one.scores(said).items(), least) for one, least in models)
    near = {number for those, least in scores for number, score in those if score >= least}
    tables = tracker.library.locate(said.ids(sorted(near)))
    for entry in tracker.progress(tracker.library.entries_in(tables), lambda: len(near)):
        if related := found.related(entry.paper, ()):
            yield entry._replace(related=related)


def _asking(tracker: Tracker) -> tuple[Topic, ...]:
    return tuple(one for one in tracker.topics if one.breadth == "related")


def _rule(topic: Topic) -> str:
    return f"{VERSION} {fingerprint([topic])}"


def _made(tracker: Tracker, topic: Topic, said: "SearchIndex") -> RelevanceModel:
    plain = tracker.with_phrases_only([topic])
    papers = [_learned(one) for one in plain.matching()]
    own = said.numbers(one.id for one in papers)
    return train(topic, _rule(topic), papers, own, said)


def _learned(entry: Entry) -> TrainingPaper:
    return training_paper(entry.paper, in_title=entry.matches[0].field == "title")


@lru_cache(64)
def _matcher_of(topic: Topic) -> "Matcher":
    from papertrack.matching.matcher import Matcher

    return Matcher([topic])
