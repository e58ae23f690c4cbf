"""Count what a topic matches in the newest stored papers, before it is added."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import timedelta

from papertrack.calendar import utc_day
from papertrack.matching.matcher import Matcher
from papertrack.matching.typos import respelled
from papertrack.models import Entry, Topic
from papertrack.results import BroadPhrase, Forecast, Verdict
from papertrack.tracker import Tracker

FORECAST_DAYS = 90
BROAD_SHARE = 0.05  # A phrase in more than this share of all papers is too broad to be read.
_MOST_MEANT = 3  # phrases that a phrase with a typo may mean
_MIN_BROAD = 5  # papers; a share of fewer says little


def forecast(tracker: Tracker, topic: Topic) -> Forecast:
    """Count the papers that a topic matches among those of the last 90 days, or else of all days.

    Raises LibraryError.
    """
    tracker = tracker.with_phrases_only([topic])
    index = tracker.search_index()
    first = utc_day(tracker.now) - timedelta(days=FORECAST_DAYS - 1)
    recent = index.paper_count_since(first.toordinal())
    since = first if recent else None
    papers = recent or index.paper_count
    matcher = Matcher(tracker.topics)

    def verdicts(entries: Iterable[Entry]) -> Iterator[Verdict]:
        papers = (entry.paper for entry in entries)
        for (verdict,) in matcher.explain_all(papers, only_best=True):
            yield verdict

    matched, by_phrase = 0, Counter[str]()
    for verdict in tracker.map_candidates(verdicts, since):
        if verdict.matched:
            matched += 1
            by_phrase.update({match.phrase for match in verdict.matches})
    days = [day for day in tracker.library.listing_days() if since is None or day >= since]
    weeks = {day.isocalendar()[:2] for day in days}
    broad = [
        BroadPhrase(phrase, by_phrase[phrase])
        for phrase in _selecting_phrases(topic)
        if by_phrase[phrase] >= _MIN_BROAD and by_phrase[phrase] > BROAD_SHARE * papers
    ]
    return Forecast(matched, papers, since, len(days), len(weeks), tuple(broad))


def _selecting_phrases(topic: Topic) -> tuple[str, ...]:
    """The phrases that are enough for a match, unless something else is missing."""
    return topic.any or (topic.all if len(topic.all) == 1 else ())


def spelling_notes(topic: Topic) -> list[str]:
    """What the phrases of a topic that matches nothing may mean, if they have typos."""
    meant = [respelled(phrase)[:_MOST_MEANT] for phrase in (*topic.any, *topic.all)]
    return [f"did you mean {' or '.join(map(repr, phrases))}?" for phrases in meant if phrases]
