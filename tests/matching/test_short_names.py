"""The limits of short names, and which matches a verdict lists."""

import pytest

from papertrack.matching.definitions import definitions
from papertrack.matching.matcher import Matcher
from papertrack.matching.names import name_score
from papertrack.models import Match, Paper, Topic


def long_of(text):
    return next((definition.long for definition in definitions(text)), None)


def test_a_long_form_has_at_most_twice_as_many_words_as_the_name_has_letters():
    assert long_of("the rabbit b c d e ground (RG)") is None
    assert long_of("the rabbit c d ground (RG)") == "rabbit c d ground"
    assert long_of("the rabbit b c d ground (RG)") is None


@pytest.mark.parametrize(
    ("text", "long"),
    [
        ("region-based networks (RbN)", "region-based networks"),
        ("a forward model (RM)", None),
        ("our reward model (RM)", "reward model"),
        ("bert retrieval (BR)", "bert retrieval"),
        ("Bayesian regression", None),
        ("reward model (Rm)", None),
        ("graphs of one (GO12345678)", None),
        ("graph optimisers (GOs) x", "graph optimisers"),
        ("graph neural nets (G-NN)", "graph neural nets"),
    ],
)
def test_a_long_form_begins_at_a_word_with_the_first_letter_of_the_short_name(text, long):
    assert long_of(text) == long


def test_an_irrelevant_short_name_is_skipped():
    calls = []
    text = "graph neural networks (GNN) and large models (LM)"
    defined = definitions(text, lambda short, end: calls.append((short, end)) or short == "LM")
    assert [definition.short for definition in defined] == ["LM"]
    assert calls[0] == ("GNN", "graph neural networks ")


def matches(topic, **paper):
    return Matcher([topic]).explain(Paper("1", **paper))[0].matches


def test_a_verdict_lists_categories_only_if_nothing_else_matched():
    topic = Topic("t", any=("graph",), categories=("cs",))
    both = matches(topic, title="Graphs", categories=("cs.CL",))
    assert [match.field for match in both] == ["title"]
    alone = matches(topic, title="Other", categories=("cs.CL", "cs.AI"))
    assert [(match.field, match.matched, match.score) for match in alone] == [
        ("categories", "cs.CL", 100),
        ("categories", "cs.AI", 100),
    ]
    only = Topic("t", categories=("cs", "math.CO"))
    several = matches(only, title="Other", categories=("math.CO", "cs.CL"))
    assert [match.phrase for match in several] == ["cs", "math.CO"]


def test_matches_are_in_the_order_of_the_fields_without_duplicates():
    topic = Topic("t", any=("graph",), authors=("Ada Graph",))
    paper = {
        "title": "A graph",
        "abstract": "Graphs.",
        "keywords": ("graphs",),
        "authors": ("Ada Graph",),
    }
    assert [match.field for match in matches(topic, **paper)] == [
        *("title", "abstract", "keywords", "authors")
    ]


def test_a_short_name_defined_twice_gives_a_single_match():
    abstract = "Graph nets (GN) are graph nets (GN)."
    matched = matches(Topic("t", any=("graph nets",)), title="GN", abstract=abstract)
    assert matched == (
        Match("t", "graph nets", "title", "GN", 100),
        Match("t", "graph nets", "abstract", "Graph nets", 100),
    )


def test_a_long_form_matches_in_british_and_american_spelling():
    abstract = "Fibre optics (FO) here."
    matched = matches(Topic("t", any=("FO",)), title="Fiber optics", abstract=abstract)
    assert [(match.field, match.matched) for match in matched] == [
        ("title", "Fiber optics"),
        ("abstract", "FO"),
    ]


def test_a_short_name_has_the_score_of_its_long_form():
    abstract = "Reinforcemnt learning (RL) here."
    matched = matches(Topic("t", any=("reinforcement learning",)), title="RL", abstract=abstract)
    assert [(match.field, match.score) for match in matched] == [("title", 97), ("abstract", 97)]


def test_a_batch_of_papers_has_the_same_results_as_single_papers():
    topics = [Topic("a", any=("graph",)), Topic("b", any=("node",)), Topic("c", authors=("Bo",))]
    papers = [
        Paper("1", "Graph nodes"),
        Paper("2", "Nothing", authors=("Ada Bo",)),
        Paper("3", "Nodes"),
    ]
    matcher = Matcher(topics)
    assert matcher.match_all(papers) == [matcher.match(paper) for paper in papers]
    assert matcher.explain_all(papers) == [matcher.explain(paper) for paper in papers]
    topics_by_paper = [[match.topic for match in row] for row in matcher.match_all(papers)]
    assert topics_by_paper == [
        ["a", "b"],
        ["c"],
        ["b"],
    ]


@pytest.mark.parametrize(
    ("watched", "author", "score"),
    [
        ("Ada One", "Ada One", 100),
        ("Ada One", "ada M. ONE", 100),
        ("One", "Ada One", 100),
        ("One", "One Two", 0),
        ("Ada One", "One", 0),
        ("A. One", "Ada One", 90),
        ("Ada One", "A One", 90),
        ("Ada One", "B One", 0),
        ("Ad One", "Ada One", 0),
        ("One, Ada", "Ada One", 100),
        ("AdaOne", "Ada One", 100),
        ("", "Ada One", 0),
        ("Ada One", "…", 0),
        ("Ada Two", "Ada One", 0),
    ],
)
def test_a_name_is_equal_similar_or_different(watched, author, score):
    assert name_score(watched, author) == score
