"""Topics with related papers: train and cache their relevance models, and apply them."""

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

if TYPE_CHECKING:  # With cached matches, neither the index nor a matcher is needed.
    from papertrack.library.search_index import SearchIndex
    from papertrack.matching.matcher import Matcher

_MAX_GROWTH = 1.25  # A model is trained again once the library has grown by this factor.


class Relevance(NamedTuple):
    """Topics with related papers, and their relevance models in the same order."""

    topics: tuple[Topic, ...]
    models: tuple[RelevanceModel, ...]

    @property
    def fingerprint(self) -> str:
        """Eight hexadecimal digits that change with any of the models."""
        return f"{crc32(repr(self.models).encode()):08x}"

    def related(self, paper: Paper, matches: Collection[Match]) -> tuple[Related, ...]:
        """The topics that a paper with these matches is related to.

        A topic that the paper matches, is excluded from, or has no category of is left out.
        """
        matched = {match.topic for match in matches}
        scored = (model.related(paper) for model in self.models if model.topic not in matched)
        related = [score for score in scored if score]
        return tuple(score for score in related if self._may_relate(paper, score.topic))

    def _may_relate(self, paper: Paper, name: str) -> bool:
        (topic,) = (topic for topic in self.topics if topic.name == name)
        (verdict,) = _matcher_of(topic).explain(paper)
        return not (verdict.matched or verdict.excluded_by or verdict.outside)


def relevance(tracker: Tracker, *, train: bool = True) -> Relevance | None:
    """The relevance models of the selected topics with related papers.

    Models that are not cached are trained, which takes about a second in a large library; if
    `train` is off, None is returned instead. Raises LibraryError.
    """
    topics = _topics_with_related(tracker)
    models = {model.rule: model for model in load_models(tracker.library)}
    missing = [topic for topic in topics if _model_key(topic) not in models]
    if missing and not train:
        return None
    if missing:
        index = tracker.search_index()
        models |= {_model_key(topic): _train(tracker, topic, index) for topic in missing}
        save_models(tracker.library, [models[_model_key(topic)] for topic in topics])
    selected = tuple(topic for topic in topics if topic in tracker.selected_topics)
    return Relevance(selected, tuple(models[_model_key(topic)] for topic in selected))


def update_models(tracker: Tracker) -> None:
    """Train cached models again if the library has grown by a quarter. Raises LibraryError."""
    if _topics_with_related(tracker) and (models := load_models(tracker.library)):
        size = tracker.library.paper_count()
        current = [model for model in models if size <= _MAX_GROWTH * model.papers]
        if len(current) < len(models):
            save_models(tracker.library, current)
            relevance(tracker)


def trial_model(tracker: Tracker, topic: Topic) -> Relevance:
    """The model of a topic that may be a draft: from the cache, or trained without caching it."""
    key = _model_key(topic)
    cached = next((model for model in load_models(tracker.library) if model.rule == key), None)
    return Relevance((topic,), (cached or _train(tracker, topic, tracker.search_index()),))


def related_papers(tracker: Tracker, relevance: Relevance) -> Iterator[Entry]:
    """The papers of the library that are related to a topic and do not match it, with progress."""
    models = [(model, model.least) for model in relevance.models if model.least is not None]
    if not models:
        return
    index = tracker.search_index()
    scores = ((model.scores(index).items(), least) for model, least in models)
    numbers = {number for of_model, least in scores for number, score in of_model if score >= least}
    tables = tracker.library.locate(index.ids(sorted(numbers)))
    for entry in tracker.progress(tracker.library.entries_in(tables), lambda: len(numbers)):
        if related := relevance.related(entry.paper, ()):
            yield entry._replace(related=related)


def _topics_with_related(tracker: Tracker) -> tuple[Topic, ...]:
    return tuple(topic for topic in tracker.topics if topic.breadth == "related")


def _model_key(topic: Topic) -> str:
    return f"{VERSION} {fingerprint([topic])}"


def _train(tracker: Tracker, topic: Topic, index: "SearchIndex") -> RelevanceModel:
    matching = tracker.with_phrases_only([topic]).matching()
    papers = [_training_paper(entry) for entry in matching]
    numbers = index.numbers(paper.id for paper in papers)
    return train(topic, _model_key(topic), papers, numbers, index)


def _training_paper(entry: Entry) -> TrainingPaper:
    return training_paper(entry.paper, in_title=entry.matches[0].field == "title")


@lru_cache(64)
def _matcher_of(topic: Topic) -> "Matcher":
    from papertrack.matching.matcher import Matcher

    return Matcher([topic])
