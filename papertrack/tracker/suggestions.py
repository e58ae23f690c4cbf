"""Suggest phrases for topics: terms that some papers use more often than all others.

Terms are ranked by their log-likelihood ratio (Dunning, Accurate Methods for the Statistics of
Surprise and Coincidence, Computational Linguistics 19, 1993), which compares how many of the
papers in question and how many of all others contain the term. The entry points are
`suggest_topics`, from starred papers, and `suggest_terms`, from the papers of a topic.
"""

from collections.abc import Iterable, Sequence

from papertrack.library.search_index import SearchIndex
from papertrack.matching.matcher import Matcher
from papertrack.matching.terms import Term, is_part_of
from papertrack.models import Paper, Topic
from papertrack.results import SuggestedTerm, TermSuggestions, TopicDraft, TopicSuggestions
from papertrack.searching.query import words_of
from papertrack.text import readable
from papertrack.tracker import Tracker
from papertrack.tracker.additions import (
    TITLES,
    TopicPapers,
    acronyms_of,
    best_of_overlapping,
    is_ambiguous,
    useful_additions,
)
from papertrack.tracker.term_use import (
    MAX_READ,
    TermUse,
    frequent_terms,
    log_likelihood,
    read_terms,
    term_of,
)

MIN_PAPERS = 3  # the least number of starred papers, or of papers of a topic
_MAX_COUNTED = 250  # terms that are counted in the whole library
_MIN_RATIO = 10.83  # exceeded by chance once in a thousand: chi squared, one degree of freedom
# A term must be this many times as frequent as in the other papers; common words are not topics.
_MIN_LIFT = 20
_MIN_LIFT_IN_TOPIC = 5  # the same among the papers of one topic
# A term must be in 2 papers of a small group or 3 of another, and in a fiftieth of the group.
_SMALL_GROUP, _GROUP_SHARE = 6, 50
_OUTLIERS = 2 / 3  # the least share of outliers in the papers that a term would exclude
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
    existing = {term_of(phrase) for topic in tracker.topics for phrase in (*topic.any, *topic.all)}
    titles = {paper.id: readable(paper.title) for paper in starred}
    distinctive = [
        term._replace(titles=tuple(titles[paper_id] for paper_id in term.ids[:TITLES]))
        for term in _distinctive_terms(starred, index)
        if term_of(term.phrase) not in existing
        and not is_ambiguous(term.phrase, _with_acronym(tracker, index, term.phrase))
    ]
    return TopicSuggestions(len(starred), tuple(_group(distinctive)))


def suggest_terms(tracker: Tracker, topic: Topic) -> TermSuggestions:
    """Phrases to add to a topic, and phrases to exclude. Raises LibraryError."""
    entries = list(tracker.with_phrases_only([topic]).matching())
    papers = [entry.paper for entry in entries]
    if len(papers) < MIN_PAPERS:
        return TermSuggestions(topic, len(papers), (), ())
    index = tracker.search_index()
    existing = {term_of(phrase) for phrase in (*topic.any, *topic.all, *topic.none)}
    sample, uses = read_terms(papers)
    typical = [term for term in _distinctive_terms(papers, index) if _is_new(term, existing)]
    frequent = [
        term for term, _ in _frequent_terms(uses, len(sample)) if _is_unrelated(term, existing)
    ]
    of_topic = TopicPapers(topic, papers, sample, uses)
    add = useful_additions(tracker, of_topic, frequent, index)
    hidden = [entry.paper for entry in entries if entry.state.hidden]
    outliers = hidden if len(hidden) >= MIN_PAPERS else _outliers(papers, typical[:_TERMS])
    exclude = [
        excluding
        for term in _distinctive_among(outliers, papers)
        if _is_new(term, existing)
        and (excluding := _excluding(term, papers)).papers >= _OUTLIERS * (excluding.adds or 0)
    ]
    return TermSuggestions(topic, len(papers), tuple(add), tuple(exclude[:_TERMS]), len(hidden))


def _distinctive_terms(papers: Sequence[Paper], index: SearchIndex) -> list[SuggestedTerm]:
    """The terms that distinguish some papers from the rest of the library, the best first.

    Of many papers only the newest are read, and their counts are extrapolated.
    """
    rest = index.paper_count - len(papers)
    sample, uses = read_terms(papers)
    suggested = []
    for term, ids in _frequent_terms(uses, len(sample)):
        variants = uses[term].variants(term)
        inside = round(len(ids) * len(papers) / len(sample))
        outside = min(max(len(index.papers_with(variants)) - inside, 0), rest)
        ratio = log_likelihood(inside, len(papers), outside, rest)
        if inside * rest >= _MIN_LIFT * outside * len(papers):
            phrase = uses[term].usual_form
            suggested.append((term, SuggestedTerm(phrase, inside, outside, round(ratio, 1), ids)))
    return _without_overlaps(suggested)


def _distinctive_among(group: Sequence[Paper], papers: Sequence[Paper]) -> list[SuggestedTerm]:
    """The terms that distinguish a group from the other papers of the same topic."""
    group_ids = {paper.id for paper in group}
    others = [paper for paper in papers[:MAX_READ] if paper.id not in group_ids]
    if len(group) < MIN_PAPERS or not others:
        return []
    (sample, uses), (_, other_uses) = read_terms(group), read_terms(others)
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
    significant = [pair for pair in suggested if pair[1].ratio >= _MIN_RATIO]
    return best_of_overlapping(sorted(significant, key=lambda pair: (-pair[1].ratio, pair[0])))


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
    return [paper for paper in papers[:MAX_READ] if paper.id not in typical_ids]


def _with_acronym(tracker: Tracker, index: SearchIndex, phrase: str) -> list[Paper]:
    """The newest papers of the library with a phrase that has an acronym."""
    if not acronyms_of(phrase):
        return []
    numbers = sorted(index.papers_with([words_of(phrase)]), reverse=True)[:MAX_READ]
    return [entry.paper for entry in tracker.library.entries(index.ids(numbers)).values()]


def _excluding(suggested: SuggestedTerm, papers: Sequence[Paper]) -> SuggestedTerm:
    """A term to exclude, with the number and some titles of the papers that it would exclude."""
    excluding = Matcher([Topic("", any=(suggested.phrase,))])
    matched = excluding.match_all(papers)
    excluded = [paper for paper, matches in zip(papers, matched, strict=True) if matches]
    titles = tuple(readable(paper.title) for paper in excluded[:TITLES])
    return suggested._replace(adds=len(excluded), titles=titles)


def _is_new(suggested: SuggestedTerm, existing: Iterable[Term]) -> bool:
    """Whether a term neither equals, contains nor is contained in an existing one."""
    return _is_unrelated(term_of(suggested.phrase), existing)


def _is_unrelated(term: Term, existing: Iterable[Term]) -> bool:
    return not any(
        term == other or is_part_of(term, other) or is_part_of(other, term) for other in existing
    )
