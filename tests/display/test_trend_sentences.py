"""What `show` says of a paper's rank: the parts of the score, and the ranks of other services."""

from datetime import UTC, date, datetime, timedelta
from math import sqrt

import pytest

from papertrack.display.plain import card
from papertrack.models import Entry, Observation, Paper, PaperListing, ServiceRank

MONDAY = date(2026, 3, 30)
NOW = datetime(2026, 3, 31, 14, 24, tzinfo=UTC)  # 1.6 days after the start of Monday


def _entry(*counts, day=MONDAY, **fields):
    """An entry with upvotes so many hours before now."""
    observations = (Observation(NOW - timedelta(hours=hours), number) for hours, number in counts)
    listing = PaperListing("huggingface", day)
    paper = Paper("2603.00001", "Title")
    return Entry(paper, NOW, (), (listing,), tuple(observations), **fields)


def _value(name, entry):
    return dict(card(entry, NOW))[name]


_UNMEASURED = "43 upvotes, gain not measured over 12 h yet (taken as +43 in 1.6 days)"


@pytest.mark.parametrize(
    ("counts", "parts", "score"),
    [
        ([(20, 31), (0, 43)], "43 upvotes, +12 in 20 h", 46 * sqrt((1 + 14.4) / 1.6)),
        ([(0, 43)], _UNMEASURED, 46 * sqrt((1 + 43 / 1.6) / 1.6)),
        ([(3, 40), (0, 43)], _UNMEASURED, 46 * sqrt((1 + 43 / 1.6) / 1.6)),
        ([(24, 60), (0, 52)], "52 upvotes, -8 in 24 h", 55 * sqrt(1 / 1.6)),
    ],
)
def test_show_says_what_a_rank_is_made_of(counts, parts, score):
    assert _value("trend", _entry(*counts)) == f"{parts}, listed 1.6 days ago → {score:.0f}"


@pytest.mark.parametrize("counts", [[], [(30, None), (0, None)]])
def test_a_paper_without_upvotes_has_no_rank(counts):
    assert _value("trend", _entry(*counts)) == ""


@pytest.mark.parametrize(("minutes", "age"), [(-1, "36 h"), (0, "1.5 days")])
def test_from_a_day_and_a_half_on_an_age_is_in_days(minutes, age):
    now = datetime(2026, 3, 31, 12, tzinfo=UTC) + timedelta(minutes=minutes)
    paper = _entry()._replace(observations=(Observation(now, 5),))
    assert f"listed {age} ago" in dict(card(paper, now))["trend"]


def test_hours_of_a_weekend_count_half_in_the_score_and_full_in_the_sentence():
    """Listed on Friday, 3.6 active days before Tuesday, as the weekend counts as one day."""
    sentence = _value("trend", _entry((24, 10), (0, 10), day=date(2026, 3, 27)))
    assert sentence == f"10 upvotes, +0 in 24 h, listed 4.6 days ago → {13 * sqrt(1 / 3.6):.0f}"


def test_show_has_the_newest_rank_of_a_service_and_the_last_changes():
    ranks = (9, 9, None, 5, 3)
    history = tuple(
        ServiceRank("paperswithcode", NOW - timedelta(days=4 - number), rank)
        for number, rank in enumerate(ranks)
    )
    assert _value("ranks", _entry(ranks=history)) == (
        "#3 on Papers with Code at 03-31 14:24 UTC,"
        " before #5 on 03-30, not ranked on 03-29, #9 on 03-28"
    )
    eight = tuple(
        ServiceRank("paperswithcode", NOW - timedelta(days=8 - rank), rank) for rank in range(1, 9)
    )
    assert _value("ranks", _entry(ranks=eight)).endswith(
        "UTC, before #7 on 03-30, #6 on 03-29, #5 on 03-28, #4 on 03-27"
    )
    assert _value("ranks", _entry(ranks=history[:3])).startswith("not ranked on Papers with Code")
    assert _value("ranks", _entry()) == ""
