from datetime import date, timedelta

import pytest
from invented import DAY, HOUR, NOW, put, sighting

from papertrack.calendar import Span
from papertrack.errors import UsageError
from papertrack.library.coverage_rows import Coverage
from papertrack.library.library import Library
from papertrack.models import Failure, Skipped, Topic
from papertrack.tracker import Tracker
from papertrack.tracker.editions import EditionRequest, today
from papertrack.tracker.rankings import trending
from papertrack.tracker.refresh import RefreshResult

SUNDAY = date(2026, 3, 29)
TOPICS = (Topic("graphs", any=("graph",)), Topic("grammars", any=("grammar",)))


@pytest.fixture(params=["folder", "memory"])
def tracker(request, tmp_path):
    """Two topics, and a library on disk or in memory with papers of today and a week before."""
    library = Library(str(tmp_path / "library") if request.param == "folder" else None)
    put(
        library,
        sighting("2603.00001", rank=1, upvotes=50),
        sighting("2603.00002", rank=2, upvotes=20, abstract="A grammar."),
        sighting("2603.00003", rank=4, upvotes=9),
        sighting("2603.00004", rank=3, upvotes=9),
        sighting("2603.00005", rank=5, upvotes=3, title="Graphs of Grammars"),
        sighting("2603.00006", rank=6),
        sighting("2603.00007", day=DAY - timedelta(days=6), upvotes=5, at=NOW - 100 * HOUR),
        sighting("2603.00008", day=DAY - timedelta(days=7), upvotes=900, at=NOW - 100 * HOUR),
    )
    return Tracker(library, TOPICS, NOW)


def _request(**options):
    return EditionRequest(Span(DAY, DAY), **options)


def _ids(section):
    return [int(entry.paper.id[-1]) for entry in section.entries]


def test_new_papers_are_ordered_by_best_match_then_upvotes_then_rank(tracker):
    new, _ = today(tracker, _request()).sections
    assert _ids(new) == [5, 2, 1, 4, 3, 6]
    assert [[match.topic for match in entry.matches] for entry in new.entries[:3]] == [
        ["graphs", "grammars"],
        ["grammars"],
        [],
    ]
    assert (new.title, new.total, new.kind) == (f"New on {DAY}", 6, "new")
    assert {entry.section for entry in new.entries} == {"new"}


def test_trending_covers_a_week_and_leaves_out_papers_without_counts(tracker):
    _, rising = today(tracker, _request()).sections
    assert sorted(_ids(rising)) == [1, 2, 3, 4, 5, 7]
    scores = [entry.score for entry in rising.entries]
    assert scores == sorted(scores, reverse=True)
    assert {entry.section for entry in rising.entries} == {"trending"}
    assert [entry.matches != () for entry in rising.entries if entry.paper.id[-1] in "25"] == [
        True,
        True,
    ]


def test_new_and_trending_cover_all_days_of_a_range(tracker):
    span = Span(DAY - timedelta(days=7), DAY)
    new, rising = today(tracker, EditionRequest(span)).sections
    assert new.total == 8
    assert 8 in _ids(rising)
    assert new.title == f"New {span}"


def test_hidden_papers_are_left_out_of_both_sections(tracker):
    tracker.library.change_states(["2603.00001"], lambda _, state: state._replace(hidden=True))
    new, rising = today(tracker, _request()).sections
    assert 1 not in _ids(new) + _ids(rising)
    assert new.total == 5
    (trend,) = trending(tracker, _request()).sections
    assert 1 not in _ids(trend)


def test_a_topic_narrows_both_sections_and_may_be_a_unique_beginning_in_any_case(tracker):
    for name in ("graphs", "GRAPH"):
        report = today(tracker, _request(topic=name))
        assert [_ids(section) for section in report.sections] == [[5], [5]]
        assert [section.total for section in report.sections] == [1, 1]
        assert {match.topic for match in report.sections[0].entries[0].matches} == {"graphs"}


@pytest.mark.parametrize(
    ("name", "message"),
    [("chess", "no topic is named"), ("gra", "several topics begin with")],
)
def test_an_unknown_or_ambiguous_topic_is_a_usage_error_with_the_topics(tracker, name, message):
    for report_of in (today, trending):
        with pytest.raises(UsageError, match=message) as error:
            report_of(tracker, _request(topic=name))
        assert "graphs" in error.value.why
        assert "grammars" in error.value.why
    with pytest.raises(UsageError, match="none are configured"):
        today(tracker._replace(topics=()), _request(topic=name))


def test_a_source_narrows_both_sections(tracker):
    put(tracker.library, sighting("2603.00009", source="arxiv", upvotes=1))
    new, rising = today(tracker, _request(source="arxiv")).sections
    assert _ids(new) == _ids(rising) == [9]


@pytest.mark.parametrize("limit", [0, 2, 100])
def test_limits_cut_the_entries_and_not_the_total(tracker, limit):
    complete = today(tracker, _request())
    cut = today(tracker, _request(new_limit=limit, trending_limit=limit))
    for unlimited, limited in zip(complete.sections, cut.sections, strict=True):
        assert limited.entries == unlimited.entries[:limit]
        assert limited.total == len(unlimited.entries)


def test_the_full_edition_has_the_same_papers_with_all_fields(tracker):
    brief = today(tracker, _request())
    full = today(tracker, _request(full=True))
    for brief_section, full_section in zip(brief.sections, full.sections, strict=True):
        for entry, full_entry in zip(brief_section.entries, full_section.entries, strict=True):
            assert entry.paper.id == full_entry.paper.id
            assert entry.matches == full_entry.matches
            assert (entry.gained, entry.score) == (full_entry.gained, full_entry.score)
            assert entry.observations == full_entry.observations
    assert full.sections[0].entries[1].paper.abstract == "A grammar."


def test_the_gain_needs_two_observations_and_may_be_a_loss(tracker):
    """Measured from the newest count at least twenty hours older, else from the first."""
    later = [("2603.00001", 70, 24), ("2603.00002", 19, 24), ("2603.00003", 11, 3)]
    for paper_id, upvotes, hours in later:
        put(tracker.library, sighting(paper_id, upvotes=upvotes, at=NOW + hours * HOUR))
    tomorrow = tracker._replace(now=NOW + 24 * HOUR)
    for section in today(tomorrow, _request()).sections:
        gains = {int(entry.paper.id[-1]): entry.gained for entry in section.entries}
        assert [gains[number] for number in (1, 2, 3, 4)] == [20, -1, 2, None]


def test_the_headline_has_day_source_papers_matches_and_age(tracker):
    with tracker.library.transaction():
        tracker.library.save_coverage([Coverage("huggingface", DAY, "complete", NOW - 3 * HOUR, 6)])
    failure = Failure("arxiv", "timeout", "slow")
    report = today(tracker, _request(), RefreshResult(failures=(failure,)))
    assert report.headline == (
        "Tuesday 2026-03-31 · Hugging Face · 6 papers · 2 matches · checked 3 hours ago"
        " · arXiv failed"
    )
    assert report.failures == (failure,)
    assert (report.command, report.generated_at) == ("today", NOW)


def test_skipped_entries_are_noted(tracker):
    skipped = (Skipped("entry 3", "no title"),)
    assert today(tracker, _request(), RefreshResult(skipped=skipped)).notes == (
        "left out entry 3: no title",
    )


def _notes_on(tracker, day):
    report = today(tracker, EditionRequest(Span(day, day)))
    assert report.sections[0].total == 0
    return report.notes


def test_a_day_without_papers_has_notes_with_the_reason_and_the_last_listing(tracker):
    """The note says that nothing was listed only if a source reported that."""
    with tracker.library.transaction():
        tracker.library.save_coverage(
            Coverage("huggingface", day, "quiet", NOW) for day in (SUNDAY, DAY - timedelta(days=1))
        )
    reason, last_listing = _notes_on(tracker, SUNDAY)
    assert reason == "Hugging Face Daily Papers lists nothing on a Sunday"
    assert last_listing.endswith("papertrack today --date 2026-03-25")
    assert _notes_on(tracker, DAY - timedelta(days=1))[0].startswith("nothing is listed for Monday")
    assert (
        "no source was queried"
        in _notes_on(tracker, DAY - timedelta(days=2) - timedelta(days=1))[0]
    )
    assert "has not begun" in _notes_on(tracker, DAY + timedelta(days=1))[0]
    (reason,) = _notes_on(tracker, date(2026, 1, 1))
    assert "no source was queried" in reason


def _cover(tracker, *rows):
    with tracker.library.transaction():
        tracker.library.save_coverage(rows)


def test_if_no_topic_matches_the_number_of_topics_is_noted(tracker):
    day = DAY - timedelta(days=6)
    report = today(tracker, EditionRequest(Span(day, day)))
    assert (report.sections[0].total, report.notes) == (1, ("0 of 2 topics matched",))
    report = today(tracker, EditionRequest(Span(day, day), topic="graphs"))
    assert report.notes == ("none of 1 paper matches graphs",)


ARXIV = {"enabled": ("arxiv",)}


@pytest.mark.parametrize(
    ("kind", "note"),
    [
        ("cross", "arXiv lists only cross-lists for Tuesday 2026-03-31: --cross-lists shows them"),
        ("revised", "arXiv lists only revisions for Tuesday 2026-03-31"),
    ],
)
def test_a_complete_day_without_new_papers_has_the_reason(kind, note):
    tracker = Tracker(Library(None), (), NOW)
    paper = sighting(source="arxiv")
    put(tracker.library, paper._replace(listed=paper.listed._replace(kind=kind)))
    _cover(tracker, Coverage("arxiv", DAY, "complete", NOW, category="cs.CL"))
    report = today(tracker, _request(**ARXIV))
    assert report.sections[0].total == 0
    assert report.notes[0] == note


def test_if_all_papers_of_a_day_are_hidden_that_is_the_reason(tracker):
    ids = [f"2603.0000{number}" for number in range(1, 7)]
    tracker.library.change_states(ids, lambda _, state: state._replace(hidden=True))
    _cover(tracker, Coverage("huggingface", DAY, "complete", NOW, 6))
    assert today(tracker, _request()).notes[0].startswith("all papers of Tuesday 2026-03-31 are")


def test_if_no_source_could_be_reached_each_answer_is_noted():
    tracker = Tracker(Library(None), TOPICS, NOW)
    _cover(
        tracker,
        Coverage("huggingface", DAY, "failed", NOW - HOUR, problem="timeout"),
        Coverage("arxiv", DAY, "stale", NOW - HOUR, problem="stale", category="cs.CL"),
    )
    (note,) = today(tracker, _request()).notes
    assert note == (
        "Tuesday 2026-03-31 is not known: Hugging Face: timeout 1 hour ago; arXiv: stale 1 hour ago"
    )
    failure = Failure("huggingface", "status", "it answered 500")
    (note,) = today(tracker, _request(), RefreshResult(failures=(failure,))).notes
    assert note == "Tuesday 2026-03-31 is not known: Hugging Face failed; arXiv: stale 1 hour ago"


def test_without_a_source_that_counts_upvotes_there_is_no_trending_section():
    tracker = Tracker(Library(None), (), NOW)
    put(tracker.library, sighting(source="arxiv"))
    _cover(tracker, Coverage("arxiv", DAY, "complete", NOW, 1, category="cs.CL"))
    report = today(tracker, _request(**ARXIV))
    assert [section.kind for section in report.sections] == ["new"]
    assert report.notes[0] == "arXiv counts no upvotes, so there is no trend"
    both = today(tracker, _request(enabled=("huggingface", "arxiv")))
    assert [section.kind for section in both.sections] == ["new", "trending"]


def test_the_first_edition_with_arxiv_says_that_earlier_days_are_not_fetched():
    tracker = Tracker(Library(None), TOPICS, NOW)
    put(tracker.library, sighting(source="arxiv", title="A graph"))
    enabled = {"enabled": ("huggingface", "arxiv")}
    _cover(tracker, Coverage("arxiv", DAY, "complete", NOW, 1, category="cs.CL"))
    note = "the days before are not fetched from arXiv yet: papertrack fetch"
    assert today(tracker, _request(**enabled)).notes == (note,)
    yesterday = DAY - timedelta(days=1)
    _cover(tracker, Coverage("arxiv", yesterday, "complete", NOW, category="cs.CL"))
    assert today(tracker, _request(**enabled)).notes == ()


def test_an_empty_library_gives_an_empty_edition(tmp_path):
    for library in (Library(None), Library(str(tmp_path / "nothing"))):
        report = today(Tracker(library, TOPICS, NOW), _request())
        assert [section.total for section in report.sections] == [0, 0]
        assert report.headline == "Tuesday 2026-03-31 · 0 papers · never checked"
