"""Terms that are more frequent in the papers of the last week than in the 90 days before.

The measure is the z-score of the log-odds ratio with an informative Dirichlet prior (Monroe,
Colaresi and Quinn, Fightin' Words, Political Analysis 16, 2008). It counts papers that contain a
term instead of occurrences. The prior of a term is its share of all papers of both groups, with
the weight of as many papers as the recent group has, so that a term of few papers needs a clear
difference. Candidates are the terms of titles and keywords, as abstracts also have the words that
all texts have; papers count if their abstract contains the term. The entry point is `rising_terms`.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from math import log, sqrt

from papertrack.calendar import Span
from papertrack.matching.terms import Term, is_part_of
from papertrack.models import Paper
from papertrack.results import RisingTerm, TermTrends
from papertrack.tracker import Tracker
from papertrack.tracker.term_use import frequent_terms, read_terms

RECENT_DAYS, BASELINE_DAYS = 7, 90
MIN_PAPERS = 3  # recent papers that contain a term
MIN_Z = 1.96
_MIN_NAMED = 2  # recent papers with a term in their title or keywords
_MAX_READ = 1500  # recent papers that are read for their terms
_MAX_COUNTED = 800  # terms that are counted in the search index
_MAX_TERMS = 20


def rising_terms(tracker: Tracker, last: date) -> TermTrends:
    """The rising terms of the week to `last`. Raises LibraryError."""
    recent = Span.ending(last, RECENT_DAYS)
    baseline = Span.ending(recent.first - timedelta(days=1), BASELINE_DAYS)
    index = tracker.search_index()
    numbers = _numbers_within(index.days, recent)
    earlier = _numbers_within(index.days, baseline)
    trends = TermTrends(recent, baseline, len(numbers), len(earlier))
    if len(numbers) < MIN_PAPERS or not earlier:
        return trends
    ids = index.ids(_spread(sorted(numbers), _MAX_READ))
    _, uses = read_terms(_papers(tracker, ids), _MAX_READ)
    rising: list[tuple[Term, RisingTerm]] = []
    for term, _ in frequent_terms(uses, _MIN_NAMED, _MAX_COUNTED):
        containing = index.papers_with(uses[term].variants(term))
        counts = len(containing & numbers), len(containing & earlier)
        z = z_score(counts[0], len(numbers), counts[1], len(earlier))
        if z >= MIN_Z and counts[0] >= MIN_PAPERS:
            rising.append((term, RisingTerm(uses[term].usual_form, *counts, round(z, 2))))
    return trends._replace(terms=tuple(_without_parts(rising))[:_MAX_TERMS])


def z_score(recent_with: int, recent: int, before_with: int, before: int) -> float:
    """The z-score of a term in `recent_with` of `recent` and `before_with` of `before` papers.

    Positive if the term is more frequent in the recent papers.
    """
    share = (recent_with + before_with) / (recent + before)
    if not 0 < share < 1:
        return 0.0
    prior, prior_without = share * recent, (1 - share) * recent
    odds = (recent_with + prior) / (recent - recent_with + prior_without)
    odds_before = (before_with + prior) / (before - before_with + prior_without)
    variance = 1 / (recent_with + prior) + 1 / (before_with + prior)
    return (log(odds) - log(odds_before)) / sqrt(variance)


def _numbers_within(days: Sequence[int], span: Span) -> set[int]:
    """The numbers of the papers whose last listing day is within a span."""
    first, last = span.first.toordinal(), span.last.toordinal()
    return {number for number, day in enumerate(days) if first <= day <= last}


def _spread(numbers: Sequence[int], limit: int) -> list[int]:
    """At most `limit` of the numbers, evenly spaced."""
    step = max(1, -(-len(numbers) // limit))
    return list(numbers[::step])


def _papers(tracker: Tracker, ids: Iterable[str]) -> list[Paper]:
    """The papers with these ids, without their abstracts."""
    tables = tracker.library.locate(ids)
    return [entry.paper._replace(abstract=None) for entry in tracker.library.entries_in(tables)]


def _without_parts(rising: Iterable[tuple[Term, RisingTerm]]) -> Iterable[RisingTerm]:
    """The terms, the best first, none of which contains another."""
    chosen: list[Term] = []
    for term, rise in sorted(rising, key=lambda pair: (-pair[1].z, pair[0])):
        if not any(is_part_of(term, other) or is_part_of(other, term) for other in chosen):
            chosen.append(term)
            yield rise
