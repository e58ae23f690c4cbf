"""Reports of stored papers: list, search and show; resolving ids that people type."""

import gc
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from invented import DAY, HOUR, NOW, put, sighting

from papertrack.errors import UsageError
from papertrack.library.library import Library
from papertrack.library.undo import undo_last
from papertrack.matching import matcher
from papertrack.models import Entry, State, Topic
from papertrack.tracker import Tracker, papers
from papertrack.tracker.marks import MARKS, apply_mark
from papertrack.tracker.papers import Selection, list_papers, resolve, show
from papertrack.tracker.search import search

LONG_AGO = date(2026, 1, 5)
TITLES = {
    "2603.00001": "Graphs of Grammars",
    "2603.00002": "Learning to Rank Graphs",
    "2603.00003": "Diffusion without Noise",
    "2601.00004": "An Old Graph",
    "cran:5": "Airflow over Wings",
    "hep-th/9901006": "Strings",
}
STATES = {
    "2603.00001": State(starred=True, tags=("a",)),
    "2603.00002": State(read=True, tags=("a", "b")),
    "2603.00003": State(hidden=True),
    "2601.00004": State(starred=True, read=True),
}


@pytest.fixture(scope="module")
def tracker():
    """Six papers with marks, two of them old, one never listed, and a topic."""
    library = Library(None)
    for number, (paper_id, title) in enumerate(TITLES.items()):
        day = {3: LONG_AGO, 4: None}.get(number, DAY - timedelta(days=number))
        at = NOW - 24 * number * HOUR
        put(library, sighting(paper_id, title=title, day=day, at=at, upvotes=number))
    library.change_states(STATES, lambda key, _: STATES[key])
    return Tracker(library, (Topic("graphs", any=("graph",)),), NOW)


def _ids(report):
    return [entry.paper.id for entry in report.sections[0].entries]


def _listed(tracker, **selection):
    return _ids(list_papers(tracker, Selection(**selection)))


def test_the_papers_of_a_topic_are_listed_best_match_first_then_by_upvotes_and_day():
    library = Library(None)
    for number, title in enumerate(
        ("On pruning", "Prunning", "Grammars", "Pruning", "Pruned nets by pruning")
    ):
        day = DAY - timedelta(days=number)
        abstract = "About pruning." if title == "Grammars" else "Nothing."
        put(library, sighting(f"2603.0000{number}", title=title, day=day, abstract=abstract))
    topic = Topic("pruning", any=("pruning", "nets"))
    tracker = Tracker(library, (topic,), NOW)
    assert [key[-1] for key in _listed(tracker, topic="pruning")] == list("40312")
    assert [key[-1] for key in _listed(tracker, topic="pruning", only_ids=True)] == list("40312")
    assert [key[-1] for key in _listed(tracker)] == list("01234")


@pytest.mark.parametrize(
    ("selection", "ids"),
    [
        ({}, ["2603.00001", "cran:5", "hep-th/9901006"]),
        (
            {"everything": True},
            ["2603.00001", "2603.00002", "2603.00003", "cran:5", "hep-th/9901006", "2601.00004"],
        ),
        ({"starred": True}, ["2603.00001", "2601.00004"]),
        ({"starred": True, "unread": True}, ["2603.00001"]),
        ({"tag": "a"}, ["2603.00001", "2603.00002"]),
        ({"tag": "a", "starred": True}, ["2603.00001"]),
        ({"tag": "b", "unread": True}, []),
        ({"tag": "none"}, []),
        ({"topic": "graphs"}, ["2603.00001"]),
        ({"topic": "graphs", "everything": True}, ["2601.00004", "2603.00002", "2603.00001"]),
        ({"topic": "graphs", "tag": "b"}, ["2603.00002"]),
        ({"since": DAY}, ["2603.00001"]),
        ({"since": LONG_AGO, "until": LONG_AGO, "everything": True}, ["2601.00004"]),
        ({"since": LONG_AGO, "until": LONG_AGO}, []),
        ({"until": DAY - timedelta(days=4)}, ["cran:5", "hep-th/9901006"]),
        ({"until": LONG_AGO, "starred": True}, ["2601.00004"]),
        ({"since": DAY + timedelta(days=9)}, []),
        ({"everything": True, "unread": True, "limit": 2}, ["2603.00001", "2603.00003"]),
    ],
)
def test_a_selection_lists_the_papers_that_meet_all_its_conditions(tracker, selection, ids):
    assert _listed(tracker, **selection) == ids


_selections = st.fixed_dictionaries(
    {},
    optional={
        "topic": st.just("graphs"),
        "starred": st.just(True),  # noqa: FBT003  # a value, not a flag
        "unread": st.just(True),  # noqa: FBT003
        "tag": st.sampled_from("ab"),
        "since": st.sampled_from([LONG_AGO, DAY - timedelta(days=3)]),
        "until": st.sampled_from([DAY, DAY - timedelta(days=2)]),
    },
)


@settings(deadline=None)
@given(chosen=_selections)
def test_conditions_of_a_selection_narrow_each_other(tracker, chosen):
    """With `everything`, all conditions together list what each of them alone would list."""
    everything = _listed(tracker, everything=True)
    chosen |= {"order": "newest"}  # With a topic, the order would be another.
    together = _listed(tracker, everything=True, **chosen)
    each = [_listed(tracker, everything=True, **{key: chosen[key]}) for key in chosen]
    assert together == [paper_id for paper_id in everything if all(paper_id in ids for ids in each)]
    assert set(_listed(tracker, **chosen)) <= set(together)


def test_a_limit_cuts_the_entries_and_not_the_total(tracker):
    (section,) = list_papers(tracker, Selection(everything=True, limit=2)).sections
    assert (len(list(section.entries)), section.total) == (2, 6)
    (none,) = list_papers(tracker, Selection(everything=True, limit=0)).sections
    assert (list(none.entries), none.total) == ([], 6)


@pytest.fixture
def _frozen():
    """Excludes everything that exists from counts of objects, which take a second otherwise."""
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.mark.usefixtures("_frozen")
@pytest.mark.parametrize(
    "report_of",
    [
        lambda tracker: list_papers(tracker, Selection(everything=True)),
        lambda tracker: list_papers(tracker, Selection(everything=True, topic="graphs")),
        lambda tracker: list_papers(tracker, Selection(everything=True, starred=True)),
    ],
)
def test_a_long_report_holds_only_a_batch_of_entries_at_a_time(monkeypatch, report_of):
    """Entries are freed while the report is iterated, however many there are."""
    monkeypatch.setattr(papers, "BATCH_SIZE", 5)
    monkeypatch.setattr(matcher, "BATCH_SIZE", 5)
    library = Library(None)
    ids = [f"2603.{number:05}" for number in range(60)]
    put(library, *(sighting(paper_id, title="A graph", upvotes=1) for paper_id in ids))
    library.change_states(ids, lambda _key, state: state._replace(starred=True))
    report = report_of(Tracker(library, (Topic("graphs", any=("graph",)),), NOW))
    most, listed = 0, []
    for entry in report.sections[0].entries:
        listed.append(entry.paper.id)
        if len(listed) % 12 == 0:
            most = max(most, _entries_in_memory())
    assert listed == ids
    batches = 5  # as read, with ranks, with states, with matches, and shown
    assert 0 < most <= 5 * batches < len(ids)


def _entries_in_memory():
    return sum(type(item) is Entry for item in gc.get_objects())


def test_an_unknown_topic_is_a_usage_error(tracker):
    with pytest.raises(UsageError, match="no topic is named 'chess'"):
        list_papers(tracker, Selection(topic="chess"))


def test_listed_papers_have_their_counts_state_and_topics(tracker):
    (entry,) = list_papers(tracker, Selection(topic="graphs")).sections[0].entries
    assert entry.observations
    assert entry.state == STATES["2603.00001"]
    assert [match.topic for match in entry.matches] == ["graphs"]


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("diffusion", ["2603.00003"]),
        ("strings", ["hep-th/9901006"]),
        ("difusion", ["2603.00003"]),
        ("zebra", []),
    ],
)
def test_search_includes_read_hidden_and_old_papers(tracker, query, ids):
    assert _ids(search(tracker, query)) == ids


@pytest.mark.parametrize("query", ["", " ", "[*("])
def test_a_query_without_words_is_an_error(tracker, query):
    with pytest.raises(UsageError, match="the query"):
        search(tracker, query)


def test_search_ranks_papers_and_applies_the_first_day_and_the_limit(tracker):
    ids = _ids(search(tracker, "graph"))
    assert sorted(ids) == ["2601.00004", "2603.00001", "2603.00002"]
    entries = list(search(tracker, "graph").sections[0].entries)
    scores = [entry.score for entry in entries]
    assert scores == sorted(scores, reverse=True)
    assert all(entry.matches for entry in entries)
    assert sorted(_ids(search(tracker, "graph", DAY - timedelta(days=1)))) == [
        "2603.00001",
        "2603.00002",
    ]
    limited = search(tracker, "graph", limit=1)
    assert _ids(limited) == ids[:1]
    assert limited.sections[0].total == 3


def test_show_keeps_the_order_of_the_ids(tracker):
    report = show(tracker, ["cran:5", "2603.00002"])
    shown = [(entry.paper.id, bool(entry.matches)) for entry in report.sections[0].entries]
    assert shown == [("cran:5", False), ("2603.00002", True)]


@pytest.mark.parametrize(
    ("text", "paper_id"),
    [
        ("2603.00001", "2603.00001"),
        (" arXiv:2603.00001v3 ", "2603.00001"),
        ("https://arxiv.org/pdf/2603.00002v1", "2603.00002"),
        ("https://huggingface.co/papers/2603.00003", "2603.00003"),
        ("hep-th/9901006", "hep-th/9901006"),
        ("cran:5", "cran:5"),
        ("diffusion WITHOUT", "2603.00003"),
        ("grammars", "2603.00001"),
        ("An Old Graph", "2601.00004"),
    ],
)
def test_an_id_a_url_or_a_unique_part_of_the_title_is_resolved(tracker, text, paper_id):
    assert resolve(tracker, [text, text]) == [paper_id]


def test_a_complete_title_names_its_paper_although_others_contain_it():
    library = Library(None)
    for number, title in enumerate(("Scaling a Calculus", "A Calculus", "a calculus of games")):
        put(library, sighting(f"2603.0000{number}", title=title, day=DAY))
    assert resolve(Tracker(library, (), NOW), ["a calculus"]) == ["2603.00001"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("2603.99999", "2603.99999 is not in the library"),
        ("https://arxiv.org/abs/2603.99999v2", "2603.99999 is not in the library"),
        ("see 2603.99999 and 2603.99998", "2603.99999, 2603.99998 are not in the library"),
        ("doi:10.1/none", "doi:10.1/none is not in the library"),
        ("2613.00001", "'2613.00001' is not an arXiv id"),
        ("2703.00001", "'2703.00001' is not an arXiv id"),
        ("graph", "3 stored titles contain 'graph'"),
        ("zebra", "no stored title contains 'zebra'"),
        ("", "stored titles contain ''"),
        ("   ", "stored titles contain '   '"),
        ("\udcff", "no stored title contains"),
        ("../../etc/passwd", "no stored title contains"),
    ],
)
def test_a_text_that_fits_no_paper_or_several_is_a_usage_error(tracker, text, message):
    with pytest.raises(UsageError) as error:
        resolve(tracker, ["2603.00001", text])
    assert message in error.value.what
    assert error.value.next_step


def test_all_papers_of_a_text_are_resolved(tracker):
    texts = ["2603.00001 cran:5", "Read (2603.00002), https://arxiv.org/abs/hep-th/9901006."]
    assert resolve(tracker, texts) == ["2603.00001", "cran:5", "2603.00002", "hep-th/9901006"]


@pytest.mark.parametrize("text", ["doi:10.1/Published", "https://doi.org/10.1/published"])
def test_a_paper_is_resolved_by_the_doi_of_its_published_version(tracker, text):
    put(tracker.library, sighting("2603.00007", doi="10.1/PUBLISHED"))
    assert resolve(tracker, [text]) == ["2603.00007"]


def test_an_id_that_an_earlier_release_accepted_is_resolved(tracker):
    put(tracker.library, sighting("2613.00007"), sighting("nonsense"))
    assert resolve(tracker, ["2613.00007", "nonsense"]) == ["2613.00007", "nonsense"]


def test_an_ambiguous_text_is_answered_with_examples(tracker):
    with pytest.raises(UsageError) as error:
        resolve(tracker, ["graph"])
    assert "2603.00002 Learning to Rank Graphs" in error.value.why


OPPOSITES = {"unstar": "star", "unread": "read", "unhide": "hide"}


@pytest.mark.parametrize("name", MARKS)
def test_every_mark_can_be_undone_and_returns_the_number_of_changed_papers(name):
    library = Library(None)
    put(library, sighting("2603.00001"), sighting("2603.00002"))
    mark = MARKS[name]
    ids = ["2603.00001", "2603.00002"]
    if name in OPPOSITES:
        apply_mark(library, MARKS[OPPOSITES[name]], ids, NOW)
    before = library.states()
    changed, entries = apply_mark(library, mark, ids, NOW)
    assert changed == 2
    assert {entry.paper.id: entry.state for entry in entries} == dict.fromkeys(
        ids, mark.change(before.get(ids[0], State()))
    )
    assert apply_mark(library, mark, ids, NOW).changed == 0
    undone = undo_last(library)
    assert (undone.action, set(undone.before)) == (mark.done, set(ids))
    assert library.states() == before
