"""What is found, in which order: words, neighbours, slips of the pen, and feedback."""

from math import log

import pytest
from invented import put, sighting

from papertrack.library.library import Library
from papertrack.searching.highlighting import excerpt, spans
from papertrack.tracker import Tracker, search


def _tracker(*papers):
    """A library of papers, each a title and perhaps an abstract, numbered from 1."""
    library = Library(None)
    told = [one if isinstance(one, tuple) else (one, None) for one in papers]
    put(
        library,
        *(
            sighting(f"2603.{number:05}", title=title, abstract=abstract)
            for number, (title, abstract) in enumerate(told, 1)
        ),
    )
    return Tracker(library, (), None)


def _found(tracker, query, limit=None):
    """The numbers of the papers that a query finds, best first."""
    entries = search.search(tracker, query, limit=limit).sections[0].entries
    return [int(one.paper.id.partition(".")[2]) for one in entries]


@pytest.mark.parametrize("most", ["pretrained", "pre-trained"])
@pytest.mark.parametrize("query", ["{}", "{} models", "large {} models"])
def test_one_word_two_words_and_a_hyphen_find_the_same(most, query):
    """Whichever of the two most papers write."""
    tracker = _tracker(
        "A pretrained model", "Pre-trained models", "Training models before", "Large pretraining",
        *(f"{most} thing {number}" for number in range(6)), *(f"Filler {n}" for n in range(20)),
    )  # fmt: skip
    answers = [
        _found(tracker, query.format(one)) for one in ("pretrained", "pre-trained", "pre trained")
    ]
    assert answers[0] == answers[1] == answers[2]
    assert {1, 2, 5} <= set(answers[0])


def test_words_that_nobody_writes_as_one_are_two_or_three():
    tracker = _tracker("Boundary layer control", "A layer", "Large language models", "A language")
    assert _found(tracker, "boundarylayer") == _found(tracker, "boundary layer") == [1, 2]
    assert _found(tracker, "largelanguagemodels")[0] == 3


def test_the_score_is_the_formula_s():
    """Of a paper of five words that says the word seven times, and one of three words, once."""
    tracker = _tracker(("Heat of heat", "heat here"), ("Cold and", "heat"), ("Of", "nothing"))
    entries = search.search(tracker, "heat").sections[0].entries
    rarity = log(1 + (3 - 2 + 0.5) / (2 + 0.5))
    assert [entry.score for entry in entries] == [
        round(rarity * tf * 2.5 / (tf + 1.5 * (0.25 + 0.75 * length / (10 / 3))), 4)
        for tf, length in ((7, 5), (1, 3))
    ]


def test_neighbours_count_more_where_they_stand_together():
    apart = ("Transfer", "transfer of a load where heat is lost")
    together = ("Transfer", "the heat transfer of a load that is lost")
    assert _found(_tracker(apart, together), "heat transfer") == [2, 1]


_HEAT = "ablation shields vehicle"
_DESCRIBED = (
    ("Cooling a body at high speed", f"{_HEAT} body"),
    ("Cooling bodies of high speed", f"{_HEAT} heat"),
    ("A silent one", _HEAT),
    ("Another with ablation", "none"),
    *((f"Filler number {number}", "of no interest") for number in range(40)),
)


def test_a_long_query_finds_what_only_the_papers_it_found_say():
    found = _found(_tracker(*_DESCRIBED), "cooling body high speed")
    assert found[:2] in ([1, 2], [2, 1])
    assert {3, 4} <= set(found)


def test_a_short_or_quoted_query_finds_only_what_says_it():
    tracker = _tracker(*_DESCRIBED)
    assert set(_found(tracker, "cooling body")) == {1, 2}
    assert set(_found(tracker, 'high speed "cooling bodies"')) == {2}


def test_the_paper_whose_title_is_the_query_comes_first():
    """Though feedback knows words that many others say more often."""
    title = "On the high speed cooling of a thin body"
    more = (
        (title, None),
        *((f"{_HEAT} {n}", f"{_HEAT} cooling body high speed thin") for n in range(3)),
    )
    assert _found(_tracker(*_DESCRIBED, *more), title)[0] == len(_DESCRIBED) + 1


def test_phrases_must_and_excluded_words_must_not_be_said():
    tracker = _tracker("Chain of thought", "Thought in a chain", "Chain of thoughts and drafts")
    assert _found(tracker, '"chain of thought"') == [1]
    assert set(_found(tracker, "chain -draft")) == {1, 2}
    assert set(_found(tracker, 'chain -"chain of thought"')) == {2}
    assert _found(tracker, "-chain") == []


def test_a_limit_cuts_the_same_order():
    tracker = _tracker(*(f"Graphs {'of ' * number} x" for number in range(9)))
    assert _found(tracker, "graphs", 4) == _found(tracker, "graphs")[:4]


def test_what_is_marked_are_the_words_that_papers_were_found_by():
    words = search.search(_tracker("Retrieving documents"), "retreiving").words
    title = "We retrieve, Retrieving it"
    assert [title[first:last] for first, last in spans(title, words)] == ["Retrieving"]


def test_the_context_is_the_sentence_that_says_most():
    text = "Graphs are old. We rank graphs here! Others rank."
    assert excerpt(text, {"rank", "graphs"}) == "We rank graphs here!"
    assert excerpt(text, {"zebra"}) is excerpt("", {"rank"}) is None
    long = excerpt("word " * 90 + "graph " + "word " * 90, {"graph"})
    assert "graph" in long
    assert len(long) <= 161
