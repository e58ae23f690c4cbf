"""Terms that may be added to a topic, so that it matches more papers of the same kind.

A part of a phrase of the topic ("adversarial" of "adversarial attack") generalizes it, and is
suggested unless the papers that it would add are clearly unlike those of the topic. Any other term
that is typical of the topic's papers must add papers most of which are like them, because topics
about neighbouring subjects share typical terms ("speech" is typical of "audio" as well). No term is
suggested that would bring more than three times the papers.
"""

from collections.abc import Collection, Iterable, Sequence
from itertools import chain
from typing import NamedTuple

from papertrack.library.search_index import SearchIndex
from papertrack.matching.definitions import definitions
from papertrack.matching.terms import Term, is_part_of, terms
from papertrack.matching.words import acronym_base, is_acronym
from papertrack.models import Paper, Topic
from papertrack.results import SuggestedTerm
from papertrack.searching.query import words_of
from papertrack.text import readable
from papertrack.tracker import Tracker
from papertrack.tracker.similarity import TopicSimilarity
from papertrack.tracker.term_use import TermUse, log_likelihood, term_of

_MAX_GROWTH = 3  # times the papers of the topic
_MIN_ADDED = 3  # papers; what adds fewer makes no difference
_MIN_USES = 2  # papers of the topic with a part of a phrase
_MAX_TRIED = 16  # terms of each kind whose papers are compared with the topic's
_MAX_READ = 100  # papers of each of them that are read
_MAX_TERMS = 12
TITLES = 3
# The least share of added papers that are like the topic's, with a margin of standard errors.
_PART_SHARE, _PART_ERRORS = 0.1, 2
_TERM_SHARE, _TERM_ERRORS = 0.75, 0
_MIN_RATIO = 10.83  # exceeded by chance once in a thousand: chi squared, one degree of freedom


class TopicPapers(NamedTuple):
    """The papers of a topic; `sample` are those that were read, with the uses of their terms."""

    topic: Topic
    papers: Sequence[Paper]
    sample: Sequence[Paper]
    uses: dict[Term, TermUse]


def useful_additions(
    tracker: Tracker, of_topic: TopicPapers, typical: Iterable[Term], index: SearchIndex
) -> list[SuggestedTerm]:
    """Return the terms to suggest: parts of phrases first, each kind by ratio times similarity.

    `typical` are terms of the topic's papers that may be suggested besides parts of its phrases.
    Raises LibraryError.
    """
    phrases = {term_of(phrase) for phrase in of_topic.topic.any}
    # As terms, they do not divide hyphenated words: audio is no part of audio-visual.
    parts = {
        part
        for part in terms(*of_topic.topic.any).keys() - phrases
        if part in of_topic.uses and len(of_topic.uses[part].ids) >= _MIN_USES
    }
    similarity = TopicSimilarity(of_topic.sample, len(of_topic.papers), index)
    tried = (
        *_most_typical(parts, of_topic, index),
        *_most_typical(set(typical) - parts, of_topic, index),
    )
    ranked = []
    for term, suggested, others in tried:
        is_part = term in parts
        papers = _newest(tracker, index, others)
        share, error = similarity.share_of(papers, set(words_of(suggested.phrase)))
        least, errors = (_PART_SHARE, _PART_ERRORS) if is_part else (_TERM_SHARE, _TERM_ERRORS)
        is_similar = share + errors * error >= least
        if is_similar and not is_ambiguous(suggested.phrase, chain(of_topic.sample, papers)):
            ratio = suggested.ratio
            ranked.append(((not is_part, -ratio * max(share, 0), -ratio, term), suggested))
    chosen = best_of_overlapping((rank[-1], suggested) for rank, suggested in sorted(ranked))
    return _with_additions(tracker, of_topic, chosen[:_MAX_TERMS])


def acronyms_of(phrase: str) -> set[str]:
    """Return the acronyms in a phrase."""
    return {acronym_base(word) for word in phrase.split() if is_acronym(word)}


def is_ambiguous(phrase: str, papers: Iterable[Paper]) -> bool:
    """Whether a phrase has an acronym that papers define in different ways.

    As ASR, which is automatic speech recognition or the attack success rate.
    """
    acronyms = acronyms_of(phrase)
    if not acronyms:
        return False
    long_forms: dict[str, set[Term]] = {}
    for paper in papers:
        for text in (readable(paper.title), readable(paper.abstract or "")):
            for short, long in definitions(text, lambda short, _end: short in acronyms):
                long_forms.setdefault(short, set()).add(term_of(long))
    return any(len(forms) > 1 for forms in long_forms.values())


def best_of_overlapping(ranked: Iterable[tuple[Term, SuggestedTerm]]) -> list[SuggestedTerm]:
    """Return the terms in order, without those that contain an earlier one or are part of it."""
    chosen: list[tuple[Term, SuggestedTerm]] = []
    for term, suggestion in ranked:
        if not any(is_part_of(term, other) or is_part_of(other, term) for other, _ in chosen):
            chosen.append((term, suggestion))
    return [suggestion for _, suggestion in chosen]


def _most_typical(
    candidates: Collection[Term], of_topic: TopicPapers, index: SearchIndex
) -> list[tuple[Term, SuggestedTerm, list[int]]]:
    """The terms with the highest ratios, and the numbers of the other papers that contain them.

    Without those in almost no other paper, or in too many.
    """
    own = index.numbers(paper.id for paper in of_topic.papers)
    rest = index.paper_count - len(own)
    rated = []
    for term in candidates:
        use = of_topic.uses[term]
        containing = index.papers_with(use.variants(term))
        others = sorted(containing - own, reverse=True)
        inside = len(containing) - len(others)
        ratio = round(log_likelihood(inside, len(own), len(others), rest), 1)
        if ratio >= _MIN_RATIO and _adds_enough(len(others), of_topic):
            ids = tuple(use.ids)
            suggested = SuggestedTerm(use.usual_form, inside, len(others), ratio, ids)
            rated.append((term, suggested, others))
    return sorted(rated, key=lambda row: (-row[1].ratio, row[0]))[:_MAX_TRIED]


def _adds_enough(papers: int, of_topic: TopicPapers) -> bool:
    """Whether so many more papers make a difference, but do not bury those of the topic."""
    return _MIN_ADDED <= papers <= (_MAX_GROWTH - 1) * len(of_topic.papers)


def _newest(tracker: Tracker, index: SearchIndex, numbers: Sequence[int]) -> list[Paper]:
    ids = index.ids(numbers[:_MAX_READ])
    tables = tracker.library.locate(ids)
    return [entry.paper for entry in tracker.library.entries_in(tables)]


def _with_additions(
    tracker: Tracker, of_topic: TopicPapers, suggested: Sequence[SuggestedTerm]
) -> list[SuggestedTerm]:
    """The terms with the number and some titles of the papers that only they would match."""
    rule = of_topic.topic._replace(authors=(), organizations=())
    topics = [rule._replace(name=str(n), any=(term.phrase,)) for n, term in enumerate(suggested)]
    own = {paper.id for paper in of_topic.papers}
    titles: list[list[str]] = [[] for _ in suggested]
    if topics:
        for entry in tracker.with_phrases_only(topics).matching():
            if entry.paper.id not in own:
                for match in entry.matches:
                    titles[int(match.topic)].append(entry.paper.title)
    return [
        term._replace(adds=len(added), titles=tuple(map(readable, added[:TITLES])))
        for term, added in zip(suggested, titles, strict=True)
        if _adds_enough(len(added), of_topic)
    ]
