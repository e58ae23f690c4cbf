"""Deliveries of recommended papers: those of the topic "for you", a few a day, each paper once."""

from collections.abc import Iterable, Sequence

from papertrack.alerts.detection import News, is_muted
from papertrack.alerts.queueing import new_deliveries
from papertrack.calendar import utc_day
from papertrack.config.channels import Channel
from papertrack.events import NEW
from papertrack.library.deliveries import FOR_YOU_RULE, Delivery, WatchedRule
from papertrack.library.outbox import Outbox
from papertrack.library.recommended import StoredRanking
from papertrack.models import Recommendation
from papertrack.tracker import Tracker
from papertrack.tracker.for_you import is_likely


def new_recommendations(
    tracker: Tracker,
    watch: WatchedRule,
    ranking: StoredRanking | None,
    channels: Iterable[Channel],
    most: int,
) -> tuple[list[Delivery], WatchedRule]:
    """The deliveries of the best papers of a ranking, and the updated watch.

    At most `most` papers are queued on a day (UTC). Papers listed before the rule was watched are
    left out, and so are those that a channel has or gets for another topic.
    """
    today = utc_day(tracker.now)
    queued = set(dict(watch.earlier_events).get(str(today), ()))
    if ranking is None or is_muted(watch, today) or len(queued) >= most:
        return [], watch
    ids = _candidates(tracker, watch, ranking.best)
    news = [News(paper_id, NEW, (FOR_YOU_RULE,)) for paper_id in ids]
    deliveries: list[Delivery] = []
    for delivery in new_deliveries(Outbox(tracker.library), news, channels, tracker.now):
        is_alone = delivery.topics == (FOR_YOU_RULE,)
        if is_alone and (delivery.paper_id in queued or len(queued) < most):
            queued.add(delivery.paper_id)
            deliveries.append(delivery)
    updated = watch._replace(
        papers=watch.papers | queued, earlier_events=((str(today), frozenset(queued)),)
    )
    return deliveries, updated


def _candidates(tracker: Tracker, watch: WatchedRule, best: Sequence[Recommendation]) -> list[str]:
    """The ids of the papers that may be sent, best first."""
    ids = [paper.id for paper in best if paper.id not in watch.papers and is_likely(paper)]
    return [
        entry.paper.id
        for entry in tracker.library.entries(ids).values()
        if watch.covers(entry.last_listed)
        and not (entry.state.starred or entry.state.hidden or entry.state.read)
    ]
