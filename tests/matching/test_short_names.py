"""How far a short name reaches, and which matches a verdict names."""

import pytest

from papertrack.matching.definitions import definitions
from papertrack.matching.matcher import Matcher
from papertrack.matching.names import name_score
from papertrack.models import Match, Paper, Topic


def long_of(text):
    found = [one.long for one in definitions(text)]
    return found[0] if found else None


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
def test_the_letters_of_a_short_name_begin_at_a_word(text, long):
    assert long_of(text) == long


def test_a_name_that_is_not_asked_for_is_not_looked_up():
    asked = []
    text = "graph neural networks (GNN) and large models (LM)"
    found = definitions(text, lambda short, end: asked.append((short, end)) or short == "LM")
    assert [one.short for one in found] == ["LM"]
    assert asked[0] == ("GNN", "graph neural networks ")


def matches(topic, **paper):
    return Matcher([topic]).explain(Paper("1", **paper))[0].matches


def test_a_verdict_names_categories_only_where_nothing_else_met():
    topic = Topic("t", any=("graph",), categories=("cs",))
    both = matches(topic, title="Graphs", categories=("cs.CL",))
    assert [one.field for one in both] == ["title"]
    alone = matches(topic, title="Other", categories=("cs.CL", "cs.AI"))
    assert [(one.field, one.matched, one.score) for one in alone] == [
        ("categories", "cs.CL", 100),
        ("categories", "cs.AI", 100),
    ]
    only = Topic("t", categories=("cs", "math.CO"))
    found = matches(only, title="Other", categories=("math.CO", "cs.CL"))
    assert [one.phrase for one in found] == ["cs", "math.CO"]


def test_fields_come_in_their_order_and_each_mention_once():
    topic = Topic("t", any=("graph",), authors=("Ada Graph",))
    paper = {
        "title": "A graph",
        "abstract": "Graphs.",
        "keywords": ("graphs",),
        "authors": ("Ada Graph",),
    }
    assert [one.field for one in matches(topic, **paper)] == [
        *("title", "abstract", "keywords", "authors")
    ]


def test_a_short_name_that_is_defined_twice_is_one_match():
    abstract = "Graph nets (GN) are graph nets (GN)."
    found = matches(Topic("t", any=("graph nets",)), title="GN", abstract=abstract)
    assert found == (
        Match("t", "graph nets", "title", "GN", 100),
        Match("t", "graph nets", "abstract", "Graph nets", 100),
    )


def test_a_long_form_is_found_in_either_spelling():
    abstract = "Fibre optics (FO) here."
    found = matches(Topic("t", any=("FO",)), title="Fiber optics", abstract=abstract)
    assert [(one.field, one.matched) for one in found] == [
        ("title", "Fiber optics"),
        ("abstract", "FO"),
    ]


def test_the_score_of_a_short_name_is_that_of_what_it_stands_for():
    abstract = "Reinforcemnt learning (RL) here."
    found = matches(Topic("t", any=("reinforcement learning",)), title="RL", abstract=abstract)
    assert [(one.field, one.score) for one in found] == [("title", 97), ("abstract", 97)]


def test_several_papers_are_told_as_one_by_one():
    topics = [Topic("a", any=("graph",)), Topic("b", any=("node",)), Topic("c", authors=("Bo",))]
    papers = [
        Paper("1", "Graph nodes"),
        Paper("2", "Nothing", authors=("Ada Bo",)),
        Paper("3", "Nodes"),
    ]
    matcher = Matcher(topics)
    assert matcher.match_all(papers) == [matcher.match(one) for one in papers]
    assert matcher.explain_all(papers) == [matcher.explain(one) for one in papers]
    assert [[one.topic for one in found] for found in matcher.match_all(papers)] == [
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
def test_a_name_is_the_same_similar_or_another(watched, author, score):
    assert name_score(watched, author) == score
