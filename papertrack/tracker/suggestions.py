"""Suggest phrases for topics: terms that some papers use more often than all others.

Terms are ranked by their log-likelihood ratio (Dunning, Accurate Methods for the Statistics of
Surprise and Coincidence, Computational Linguistics 19, 1993), which compares how many of the
papers in question and how many of all others contain the term. The entry points are
`suggest_topics`, from starred papers, and `suggest_terms`, from the papers of a topic.
"""

from collections.abc import Iterable, Sequence
from math import log

from papertrack.library.search_index import SearchIndex
from papertrack.matching.terms import Term, is_part_of
from papertrack.matching.words import folded_singular
from papertrack.models import Paper, Topic
from papertrack.results import SuggestedTerm, TermSuggestions, TopicDraft, TopicSuggestions
from papertrack.tracker import Tracker
from papertrack.tracker.term_uses import TermUse, frequent_terms, read_terms

MIN_PAPERS = 3  # the least number of starred papers, or of papers of a topic
_MAX_PAPERS = 400  # Only the newest papers are read for their terms.
_MAX_COUNTED = 250  # terms that are counted in the whole library
_MIN_RATIO = 10.83  # exceeded by chance once in a thousand: chi squared, one degree of freedom
# A term must be this many times as frequent as in the other papers; common words are not topics.
_MIN_LIFT = 20
_MIN_LIFT_IN_TOPIC = 5  # the same among the papers of one topic
# A term must be in 2 papers of a small group or 3 of another, and in a fiftieth of the group.
_SMALL_GROUP, _GROUP_SHARE = 6, 50
_OVERLAP = 0.5  # Terms that share this part of their papers form one topic.
_TOPICS, _PHRASES, _TERMS = 5, 4, 12


def suggest_topics(tracker: Tracker) -> TopicSuggestions:
    """Topics drafted from the starred papers, best first, without phrases of existing topics.

    Raises LibraryError.
    """
    library = tracker.library
    ids = [key for key, state in library.states().items() if state.starred]
    starred = [entry.paper for entry in library.entries(ids).values()]
    if len(starred) < MIN_PAPERS:
        return TopicSuggestions(len(starred))
    index = tracker.search_index()
    existing = {_term(phrase) for topic in tracker.topics for phrase in (*topic.any, *topic.all)}
    distinctive = [
        term for term in _distinctive_terms(starred, index) if _term(term.phrase) not in existing
    ]
    return TopicSuggestions(len(starred), tuple(_group(distinctive)))


def suggest_terms(tracker: Tracker, topic: Topic) -> TermSuggestions:
    """Phrases to add to a topic, and phrases to exclude. Raises LibraryError."""
    entries = list(tracker.with_phrases_only([topic]).matching())
    papers = [entry.paper for entry in entries]
    if len(papers) < MIN_PAPERS:
        return TermSuggestions(topic, len(papers), (), ())
    index = tracker.search_index()
    existing = {_term(phrase) for phrase in (*topic.any, *topic.all, *topic.none)}
    add = [term for term in _distinctive_terms(papers, index) if _is_new(term, existing)][:_TERMS]
    hidden = [entry.paper for entry in entries if entry.state.hidden]
    outliers = hidden if len(hidden) >= MIN_PAPERS else _outliers(papers, add)
    exclude = [term for term in _distinctive_among(outliers, papers) if _is_new(term, existing)]
    return TermSuggestions(topic, len(papers), tuple(add), tuple(exclude[:_TERMS]), len(hidden))


def log_likelihood(with_term: int, papers: int, others_with_term: int, others: int) -> float:
    """Dunning's log-likelihood ratio of a term in a group of papers against all others.

    `with_term` of `papers` in the group and `others_with_term` of `others` contain the term.
    Negative if the term is more frequent in the others.
    """
    share = (with_term + others_with_term) / (papers + others)
    cells = (
        (with_term, papers * share),
        (papers - with_term, papers * (1 - share)),
        (others_with_term, others * share),
        (others - others_with_term, others * (1 - share)),
    )
    ratio = 2 * sum(
        observed * log(observed / expected) for observed, expected in cells if observed and expected
    )
    return ratio if with_term * others > others_with_term * papers else -ratio


def _distinctive_terms(papers: Sequence[Paper], index: SearchIndex) -> list[SuggestedTerm]:
    """The terms that distinguish some papers from the rest of the library, the best first.

    Of many papers only the newest are read, and their counts are extrapolated.
    """
    rest = index.paper_count - len(papers)
    sample = papers[:_MAX_PAPERS]
    uses = read_terms(sample)
    suggested = []
    for term, ids in _frequent_terms(uses, len(sample)):
        inside = round(len(ids) * len(papers) / len(sample))
        outside = min(max(len(index.papers_with(uses[term].variants(term))) - inside, 0), rest)
        ratio = log_likelihood(inside, len(papers), outside, rest)
        if inside * rest >= _MIN_LIFT * outside * len(papers):
            phrase = uses[term].usual_form
            suggested.append((term, SuggestedTerm(phrase, inside, outside, round(ratio, 1), ids)))
    return _without_overlaps(suggested)


def _distinctive_among(group: Sequence[Paper], papers: Sequence[Paper]) -> list[SuggestedTerm]:
    """The terms that distinguish a group from the other papers of the same topic."""
    group_ids = {paper.id for paper in group}
    others = [paper for paper in papers[:_MAX_PAPERS] if paper.id not in group_ids]
    if len(group) < MIN_PAPERS or not others:
        return []
    sample = group[:_MAX_PAPERS]
    uses, other_uses = read_terms(sample), read_terms(others)
    suggested = []
    for term, ids in _frequent_terms(uses, len(sample)):
        outside = len(other_uses[term].ids) if term in other_uses else 0
        ratio = log_likelihood(len(ids), len(sample), outside, len(others))
        if len(ids) * len(others) >= _MIN_LIFT_IN_TOPIC * outside * len(sample):
            phrase = uses[term].usual_form
            suggested.append((term, SuggestedTerm(phrase, len(ids), outside, round(ratio, 1), ids)))
    return _without_overlaps(suggested)


def _frequent_terms(uses: dict[Term, TermUse], papers: int) -> list[tuple[Term, tuple[str, ...]]]:
    minimum = max(2 if papers < _SMALL_GROUP else 3, papers / _GROUP_SHARE)
    return frequent_terms(uses, minimum, _MAX_COUNTED)


def _without_overlaps(suggested: Iterable[tuple[Term, SuggestedTerm]]) -> list[SuggestedTerm]:
    """The significant terms, the best first, none of which contains another."""
    chosen: list[tuple[Term, SuggestedTerm]] = []
    for term, suggestion in sorted(suggested, key=lambda pair: (-pair[1].ratio, pair[0])):
        overlaps = any(is_part_of(term, other) or is_part_of(other, term) for other, _ in chosen)
        if suggestion.ratio >= _MIN_RATIO and not overlaps:
            chosen.append((term, suggestion))
    return [suggestion for _, suggestion in chosen]


def _group(suggested: Sequence[SuggestedTerm]) -> Iterable[TopicDraft]:
    """Draft topics from terms that occur in the same papers."""
    remaining = list(suggested)
    for _ in range(_TOPICS):
        if not remaining:
            return
        first = remaining[0]
        group = [term for term in remaining if term is first or _overlap(first, term) >= _OVERLAP]
        remaining = [term for term in remaining if term not in group]
        phrases = tuple(term.phrase for term in group[:_PHRASES])
        yield TopicDraft(Topic(first.phrase, any=phrases), tuple(group[:_PHRASES]))


def _overlap(first: SuggestedTerm, second: SuggestedTerm) -> float:
    """The Jaccard index of the papers of two terms."""
    return len(set(first.ids) & set(second.ids)) / len(set(first.ids) | set(second.ids))


def _outliers(papers: Sequence[Paper], typical: Sequence[SuggestedTerm]) -> list[Paper]:
    """The papers that contain none of the typical terms."""
    typical_ids = {paper_id for term in typical for paper_id in term.ids}
    return [paper for paper in papers[:_MAX_PAPERS] if paper.id not in typical_ids]


def _is_new(suggested: SuggestedTerm, existing: Iterable[Term]) -> bool:
    """Whether a term neither equals, contains nor is contained in an existing one."""
    term = _term(suggested.phrase)
    return not any(
        term == other or is_part_of(term, other) or is_part_of(other, term) for other in existing
    )


def _term(phrase: str) -> Term:
    words = [folded_singular(word) for word in phrase.replace("-", " ").replace('"', " ").split()]
    return tuple(words)
