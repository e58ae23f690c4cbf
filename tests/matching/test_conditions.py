"""What is asked of the index for a topic, neither less nor much more than what may match."""

import pytest

from papertrack.matching.candidates import AllOf, OneOf, WordSequence, condition
from papertrack.models import Topic

VOCABULARY = [
    *("graph", "graphs", "network", "networks", "graphnetwork", "grpah", "netwrok", "netwroks"),
    *("retrieved", "retriever", "retry", "augment", "augmented", "language", "langauge"),
    *("languages", "lnguge", "vision", "fine", "tuning", "finetuning", "tunning", "llm", "llms"),
    *("generation", "ganeration", "generatoin", "behaviour", "behavior"),
]


def shown(one):
    """A condition as a line: | for one of, & for all of, [a, b] in a row with so many between."""
    if isinstance(one, str):
        return one
    if isinstance(one, WordSequence):
        places = ", ".join("|".join(sorted(place)) for place in one.places)
        return f"[{places}]{one.between}"
    sign = {OneOf: " | ", AllOf: " & "}[type(one)]
    return f"({sign.join(map(shown, one.conditions))})"


def asked(*phrases, vocabulary=VOCABULARY, **more):
    return shown(condition([Topic("t", any=phrases, **more)], vocabulary))


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
def test_a_phrase_asks_for_its_words_as_they_may_be_written(phrase, lines):
    assert asked(phrase) == f"({' | '.join(lines)})"


def test_phrases_of_any_are_asked_for_and_those_of_all_where_there_are_none():
    assert asked("finetuning", all=("graph",)) == asked("finetuning")
    assert shown(condition([Topic("t", all=("finetuning",))], VOCABULARY)) == asked("finetuning")


def test_several_topics_ask_for_one_after_the_other():
    topics = [Topic("a", any=("RAG", "LLM")), Topic("b", any=("finetuning",))]
    assert shown(condition(topics, VOCABULARY)) == shown(
        OneOf(
            condition(topics[:1], VOCABULARY).conditions
            + condition(topics[1:], VOCABULARY).conditions
        )
    )


def test_what_may_be_any_of_300_words_is_asked_for_and_of_more_is_not():
    many = [f"r{number}" for number in range(301)]
    assert asked("r* graph", vocabulary=[*many[:300], "graph"]).startswith("([r0|r1|")
    assert asked("r* graph", vocabulary=[*many, "graph"]) == "([graph]7 | (()))"
    assert condition([Topic("t", any=("r*",))], many[:300]) is not None
    assert condition([Topic("t", any=("r*",))], many) is None


def test_of_several_words_of_which_one_may_be_any_the_others_are_asked_for():
    many = [f"r{number}" for number in range(301)]
    told = asked("graph * network", vocabulary=[*many, "graph", "network"])
    assert told.startswith("([graph, network]7 | (() & (network)) | (() & (graph))")
