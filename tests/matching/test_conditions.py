"""Conditions accept what may match, and not much more."""

import pytest

from papertrack.matching.candidates import AllOf, AnyOf, WordSequence, condition
from papertrack.models import Topic

VOCABULARY = [
    *("graph", "graphs", "network", "networks", "graphnetwork", "grpah", "netwrok", "netwroks"),
    *("retrieved", "retriever", "retry", "augment", "augmented", "language", "langauge"),
    *("languages", "lnguge", "vision", "fine", "tuning", "finetuning", "tunning", "llm", "llms"),
    *("generation", "ganeration", "generatoin", "behaviour", "behavior"),
]


def render(rule):
    """A condition as a line: | for one of, & for all of, [a, b]6 with up to 6 words between."""
    if isinstance(rule, str):
        return rule
    if isinstance(rule, WordSequence):
        words = ", ".join("|".join(sorted(alternatives)) for alternatives in rule.positions)
        return f"[{words}]{rule.max_between}"
    sign = {AnyOf: " | ", AllOf: " & "}[type(rule)]
    return f"({sign.join(map(render, rule.conditions))})"


def rendered_condition(*phrases, vocabulary=VOCABULARY, **fields):
    return render(condition([Topic("t", any=phrases, **fields)], vocabulary))


@pytest.mark.parametrize(
    ("phrase", "lines"),
    [
        (
            "graph network",
            [
                "[graph|graphs, network|networks|netwrok|netwroks]6",
                "(() & (network | networks | netwrok | netwroks))",
                "(() & (graph | graphs))",
                "[graphnetwork]6",
                "(())",
            ],
        ),
        ("finetuning", ["[finetuning]6", "(([fine, tuning]0))"]),
        (
            "fine-tuning",
            [
                "[fine, tuning]6",
                "(() & (tuning))",
                "(() & (fine))",
                "[finetuning]6",
                "(())",
            ],
        ),
        (
            "retriev* augment*",
            [
                "[retrieved|retriever, augment|augmented]6",
                "(() & (augment | augmented))",
                "(() & (retrieved | retriever))",
            ],
        ),
        ("RAG", []),
        ("LLMs", ["[llm|llms]6", "(())"]),
        ('"language"', ["[langauge|language|languages]6", "(())"]),
        ("generations", ["[ganeration|generation|generatoin]6", "(())"]),
        ("behaviour", ["[behavior|behaviour]6", "(())", "[behaviour]6", "(())"]),
    ],
)
def test_a_phrase_requires_its_words_in_any_spelling_of_the_vocabulary(phrase, lines):
    assert rendered_condition(phrase) == f"({' | '.join(lines)})"


def test_the_condition_uses_the_phrases_of_any_or_if_there_are_none_those_of_all():
    expected = rendered_condition("finetuning")
    assert rendered_condition("finetuning", all=("graph",)) == expected
    assert render(condition([Topic("t", all=("finetuning",))], VOCABULARY)) == expected


def test_the_condition_of_several_topics_joins_their_conditions_in_order():
    topics = [Topic("a", any=("RAG", "LLM")), Topic("b", any=("finetuning",))]
    assert render(condition(topics, VOCABULARY)) == render(
        AnyOf(
            condition(topics[:1], VOCABULARY).conditions
            + condition(topics[1:], VOCABULARY).conditions
        )
    )


def test_a_wildcard_is_required_if_it_matches_up_to_300_words():
    many = [f"r{number}" for number in range(301)]
    few = rendered_condition("r* graph", vocabulary=[*many[:300], "graph"])
    assert few.startswith("([r0|r1|")
    assert rendered_condition("r* graph", vocabulary=[*many, "graph"]) == "([graph]7 | (()))"
    assert condition([Topic("t", any=("r*",))], many[:300]) is not None
    assert condition([Topic("t", any=("r*",))], many) is None


def test_the_words_around_a_star_are_required():
    many = [f"r{number}" for number in range(301)]
    rendered = rendered_condition("graph * network", vocabulary=[*many, "graph", "network"])
    assert rendered.startswith("([graph, network]7 | (() & (network)) | (() & (graph))")
