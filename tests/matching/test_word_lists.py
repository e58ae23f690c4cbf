"""The words that the rules know by heart: each of them is there for a reason."""

import pytest

from papertrack.matching.phrases import Phrasebook
from papertrack.matching.terms import terms
from papertrack.matching.typos import TypoFinder
from papertrack.matching.words import (
    TokenizedText,
    american,
    is_acronym,
    may_change_start,
    singular,
    spellings,
)

IRREGULAR = {
    "analyses": "analysis",
    "axes": "axis",
    "biases": "bias",
    "caches": "cache",
    "corpora": "corpus",
    "criteria": "criterion",
    "hypotheses": "hypothesis",
    "indices": "index",
    "lenses": "lens",
    "matrices": "matrix",
    "movies": "movie",
    "phenomena": "phenomenon",
    "vertices": "vertex",
    "viruses": "virus",
}


def _words(text):
    return text.split()


FUNCTION_WORDS = _words(
    """
    a all an and any are as at be but by can do for from has have if in into is it its no not of
    on one or our so the to us was we were with
    """
)
CLAUSE_WORDS = _words(
    """
    about after also before been being between both could does each he her his how may might must
    other over per she should such than that their them then there these they this those through
    under using via what when where which while who will within without would
    """
)


def said(phrase, text):
    wording = TokenizedText(text)
    mention = Phrasebook([phrase]).mentions(wording).get(phrase)
    return mention and wording.text_between(mention.first, mention.last)


@pytest.mark.parametrize(("several", "one"), IRREGULAR.items())
def test_an_irregular_plural_and_its_singular_are_one_word(several, one):
    assert singular(several) == one
    assert several in spellings(one)
    assert may_change_start(several)


@pytest.mark.parametrize(
    ("word", "one"),
    [
        ("princess", "princess"),
        ("praxis", "praxis"),
        ("alias", "alias"),
        ("atlas", "atlas"),
        ("canvas", "canvas"),
        ("lens", "lens"),
        ("news", "news"),
        ("series", "series"),
        ("species", "species"),
        ("gas", "gas"),
        ("cats", "cat"),
        ("gpus", "gpu"),
        ("apis", "api"),
        ("focus", "focus"),
        ("basis", "basis"),
        ("ties", "ty"),
        ("bodies", "body"),
        ("physics", "physics"),
        ("topics", "topic"),
        ("metrics", "metric"),
        ("heuristics", "heuristic"),
        ("characteristics", "characteristic"),
        ("logics", "logic"),
        ("critics", "critic"),
        ("clinics", "clinic"),
        ("classes", "class"),
        ("boxes", "box"),
        ("batches", "batch"),
        ("meshes", "mesh"),
        ("buzzes", "buzz"),
        ("uses", "use"),
        ("graph", "graph"),
    ],
)
def test_a_singular_follows_the_end_of_the_word(word, one):
    assert singular(word) == one


@pytest.mark.parametrize(
    ("word", "other"),
    [
        ("optimise", "optimize"),
        ("optimised", "optimized"),
        ("optimiser", "optimizer"),
        ("optimising", "optimizing"),
        ("optimisation", "optimization"),
        ("analyse", "analyze"),
        ("labelled", "labeled"),
        ("modeller", "modeler"),
        ("travelling", "traveling"),
        ("neighbour", "neighbor"),
        ("behavioural", "behavioral"),
        ("centre", "center"),
        ("fibre", "fiber"),
        ("dialogue", "dialog"),
        ("dialogues", "dialogues"),
        ("hour", "hour"),
        ("rise", "rise"),
        ("bre", "bre"),
    ],
)
def test_british_endings_are_american_ones_in_longer_words(word, other):
    assert american(word) == other
    assert word in spellings(other)


@pytest.mark.parametrize(
    ("word", "otherwise"),
    [
        ("bodies", True),
        ("body", False),
        ("boxes", True),
        ("fibre", True),
        ("fibres", True),
        ("indices", True),
        ("categories", False),
        ("theatre", True),
        ("networks", False),
    ],
)
def test_short_words_may_change_start_than_their_plain_forms(word, otherwise):
    assert may_change_start(word) is otherwise


@pytest.mark.parametrize("word", [*FUNCTION_WORDS, *CLAUSE_WORDS])
def test_a_phrase_ends_before_a_word_that_only_joins(word):
    assert said("graph network", f"graph {word} network") is None


@pytest.mark.parametrize("word", FUNCTION_WORDS)
def test_a_function_word_is_no_beginning_of_a_longer_word(word):
    assert said(f"{word}qqq", f"{word} qqq") is None
    assert said(f"{word}qqq", f"{word}-qqq")


@pytest.mark.parametrize("word", [one for one in CLAUSE_WORDS if singular(one) == one])
def test_other_words_may_be_one_with_the_next(word):
    assert said(f"{word}qqq", f"{word} qqq")


@pytest.mark.parametrize("word", [*FUNCTION_WORDS, *CLAUSE_WORDS])
def test_no_term_begins_or_ends_with_a_word_that_only_joins(word):
    found = terms(f"{word} graphs", f"graphs {word}")
    assert set(found) == {("graph",)}


@pytest.mark.parametrize("word", ["and", "for", "in", "of", "on", "to"])
def test_some_joining_words_may_stand_within_a_term(word):
    assert ("graphs", word, "number") in terms(f"graphs {word} numbers")


@pytest.mark.parametrize("word", ["with", "by", "the", "a", "7"])
def test_others_may_not(word):
    assert set(terms(f"graphs {word} numbers")) == {("graph",), ("number",)}


def test_an_acronym_has_up_to_five_letters_and_a_capital_inside():
    assert [is_acronym(one) for one in ("ABCDE", "ABCDEs", "ABCDEF", "aB", "A", "Ab")] == [
        *(True, True, False, True, False, False)
    ]


def near(word, watched):
    return TypoFinder([watched]).corrections(word, word)


@pytest.mark.parametrize("ending", ["ed", "er", "ly", "al", "ic", "or"])
def test_a_word_with_an_ending_is_another_word(ending):
    assert near(f"quantizxtion{ending}", "quantizxtion") == {}
    assert near("quantizxtionzz", "quantizxtion") == {"quantizxtion": 2}


@pytest.mark.parametrize("beginning", ["un", "in", "im", "re", "de", "bi", "co"])
def test_a_word_with_a_beginning_is_another_word(beginning):
    assert near(f"{beginning}quantizxtion", "quantizxtion") == {}
    assert near("zzquantizxtion", "quantizxtion") == {"quantizxtion": 2}


@pytest.mark.parametrize(
    ("word", "watched"),
    [
        ("quantizxer", "quantizxed"),
        ("quantizxed", "quantizxer"),
        ("quantizxed", "quantizxe"),
        ("quantizxer", "quantizxe"),
    ],
)
def test_ed_and_er_make_other_words(word, watched):
    assert near(word, watched) == {}


def test_the_number_of_slips_that_are_forgiven_grows_with_the_word():
    assert near("abcdzf", "abcdef") == {"abcdef": 1}
    assert near("abcdz", "abcde") == {}
    assert near("abcdefgzz", "abcdefghi") == {}
    assert near("abcdefghzz", "abcdefghij") == {"abcdefghij": 2}
    assert near("abcdefgzzz", "abcdefghij") == {}


def test_a_slip_leaves_one_end_of_a_word_right():
    assert near("abcdefgh", "abcdxfgh") == {"abcdxfgh": 1}
    assert near("zbcdefgh", "abcdefgh") == {"abcdefgh": 1}
    assert near("abcdefgz", "abcdefgh") == {"abcdefgh": 1}
    assert near("zbcdefghiz", "abcdefghij") == {}


def test_a_plural_of_a_misspelled_word_is_read_as_one():
    assert near("abcdzfs", "abcdef") == {"abcdef": 1}


def test_a_name_with_capitals_inside_is_no_slip_but_one_all_in_capitals_is():
    assert TypoFinder(["abcdef"]).corrections("AbcdZf", "abcdzf") == {}
    assert TypoFinder(["abcdef"]).corrections("ABCDZF", "abcdzf") == {"abcdef": 1}
    assert TypoFinder(["abcdef"]).corrections("ABCDZFs", "abcdzfs") == {"abcdef": 1}
    assert TypoFinder(["abcdef"]).corrections("Abcdzf", "abcdzf") == {"abcdef": 1}
