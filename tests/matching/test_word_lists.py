"""The word lists of the rules: every entry changes a result."""

import pytest

from papertrack.matching.british import american, british
from papertrack.matching.phrases import Phrasebook
from papertrack.matching.plurals import plurals, singular, singulars
from papertrack.matching.terms import terms
from papertrack.matching.typos import TypoFinder
from papertrack.matching.words import TokenizedText, forms, is_acronym, may_change_start

PLURALS = {
    "analyses": "analysis",
    "apices": "apex",
    "apparatuses": "apparatus",
    "dice": "die",
    "haikus": "haiku",
    "harmonics": "harmonic",
    "pancreases": "pancreas",
    "taxis": "taxi",
    "appendices": "appendix",
    "automata": "automaton",
    "bacteria": "bacterium",
    "boxes": "box",
    "buses": "bus",
    "calories": "calorie",
    "campuses": "campus",
    "canvases": "canvas",
    "children": "child",
    "cookies": "cookie",
    "diagnoses": "diagnosis",
    "emojis": "emoji",
    "equilibria": "equilibrium",
    "formulae": "formula",
    "gases": "gas",
    "heroes": "hero",
    "hyperspectra": "hyperspectrum",
    "knives": "knife",
    "leaves": "leaf",
    "loci": "locus",
    "mice": "mouse",
    "nuclei": "nucleus",
    "optima": "optimum",
    "people": "person",
    "phobias": "phobia",
    "plateaux": "plateau",
    "polyhedra": "polyhedron",
    "quizzes": "quiz",
    "schemata": "schema",
    "shoes": "shoe",
    "spectra": "spectrum",
    "stimuli": "stimulus",
    "theses": "thesis",
    "ties": "tie",
    "women": "woman",
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


def mentioned_words(phrase, text):
    """The words of a text that mention a phrase, None if none do."""
    tokens = TokenizedText(text)
    mention = Phrasebook([phrase]).mentions(tokens).get(phrase)
    return mention and tokens.text_between(mention.first, mention.last)


@pytest.mark.parametrize(("plural", "base"), PLURALS.items())
def test_a_plural_has_its_singular_and_the_singular_its_plural(plural, base):
    assert base in singulars(plural)
    assert plural in plurals(base)
    assert mentioned_words(f"qqq {base}", f"qqq {plural}")
    assert mentioned_words(f"qqq {plural}", f"qqq {base}")


@pytest.mark.parametrize(
    ("plural", "bases"),
    [("bases", {"base", "basis"}), ("axes", {"axe", "axis"}), ("lives", {"life", "live"})],
)
def test_an_ambiguous_plural_has_several_singulars_which_stay_different(plural, bases):
    assert bases <= set(singulars(plural))
    first, second = (set(forms(base)) for base in bases)
    assert first.isdisjoint(second)


@pytest.mark.parametrize(
    ("word", "other"),
    [
        *(("news", "new"), ("mass", "mas"), ("bias", "bia"), ("lens", "len"), ("loss", "los")),
        *(("process", "proces"), ("physics", "physic"), ("semantics", "semantic")),
        *(("plasma", "plasmon"), ("mini", "minus"), ("suffices", "suffix"), ("saves", "safe")),
        *(("uses", "us"), ("corpses", "corps")),
        *(("alumina", "aluminum"), ("these", "theses"), ("silica", "silicon"), ("era", "eron")),
        *(("filing", "filling"), ("timber", "timbre"), ("believes", "belief"), ("poem", "pem")),
        *(("specimen", "speciman"), ("transition", "translation"), ("coexist", "cexist")),
    ],
)
def test_no_two_words_of_their_own_have_a_form_in_common(word, other):
    assert set(forms(word)).isdisjoint(forms(other))


@pytest.mark.parametrize(
    ("word", "base"),
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
def test_the_singular_depends_on_the_ending(word, base):
    assert singular(word) == base


@pytest.mark.parametrize(
    ("written", "expected"),
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
        ("catalogued", "cataloged"),
        ("dialogues", "dialogues"),
        ("haemoglobin", "hemoglobin"),
        ("anaesthetised", "anesthetized"),
        ("leukaemia", "leukemia"),
        ("oestrogen", "estrogen"),
        ("diarrhoea", "diarrhea"),
        ("manoeuvre", "maneuver"),
        ("artefact", "artifact"),
        ("sulphide", "sulfide"),
        ("defence", "defense"),
        ("practise", "practice"),
        ("paralysed", "paralyzed"),
        ("organisational", "organizational"),
        ("signalling", "signaling"),
        ("fuelled", "fueled"),
        ("instalment", "instalment"),
        ("installment", "instalment"),
        ("skilful", "skilful"),
        ("skillful", "skilful"),
        ("tumour", "tumor"),
        ("odour", "odor"),
        ("grey", "gray"),
        ("programme", "program"),
        ("centred", "centered"),
        ("meagre", "meager"),
        ("hour", "hour"),
        ("rise", "rise"),
        ("bre", "bre"),
    ],
)
def test_british_endings_become_american_in_longer_words(written, expected):
    assert american(written) == expected
    assert written in british(expected)


@pytest.mark.parametrize(
    ("word", "changes"),
    [
        ("bodies", True),
        ("body", False),
        ("boxes", True),
        ("fibre", True),
        ("fibres", True),
        ("wives", True),
        ("categories", False),
        ("theatre", True),
        ("haemal", True),
        ("foetal", True),
        ("sulphur", True),
        ("networks", False),
    ],
)
def test_normalizing_may_change_the_first_letters_of_short_words(word, changes):
    assert may_change_start(word) is changes


@pytest.mark.parametrize("word", [*FUNCTION_WORDS, *CLAUSE_WORDS])
def test_a_phrase_does_not_extend_across_a_separating_word(word):
    assert mentioned_words("graph network", f"graph {word} network") is None


@pytest.mark.parametrize("word", FUNCTION_WORDS)
def test_a_function_word_is_not_joined_with_the_next_word(word):
    assert mentioned_words(f"{word}qqq", f"{word} qqq") is None
    assert mentioned_words(f"{word}qqq", f"{word}-qqq")


@pytest.mark.parametrize("word", [word for word in CLAUSE_WORDS if singular(word) == word])
def test_another_separating_word_may_be_joined_with_the_next_word(word):
    assert mentioned_words(f"{word}qqq", f"{word} qqq")


@pytest.mark.parametrize("word", [*FUNCTION_WORDS, *CLAUSE_WORDS])
def test_no_term_begins_or_ends_with_a_separating_word(word):
    assert set(terms(f"{word} graphs", f"graphs {word}")) == {("graph",)}


@pytest.mark.parametrize("word", ["and", "for", "in", "of", "on", "to"])
def test_some_separating_words_are_allowed_inside_a_term(word):
    assert ("graphs", word, "number") in terms(f"graphs {word} numbers")


@pytest.mark.parametrize("word", ["with", "by", "the", "a", "7"])
def test_other_separating_words_and_numbers_divide_terms(word):
    assert set(terms(f"graphs {word} numbers")) == {("graph",), ("number",)}


def test_an_acronym_has_up_to_five_letters_and_a_capital_inside():
    assert [is_acronym(word) for word in ("ABCDE", "ABCDEs", "ABCDEF", "aB", "A", "Ab")] == [
        *(True, True, False, True, False, False)
    ]


def corrections(word, watched):
    return TypoFinder([watched]).corrections(word, word)


@pytest.mark.parametrize("suffix", ["ed", "er", "ly", "al", "ic", "or"])
def test_a_word_with_another_suffix_is_not_a_typo(suffix):
    assert corrections(f"quantizxtion{suffix}", "quantizxtion") == {}
    assert corrections("quantizxtionzz", "quantizxtion") == {"quantizxtion": 2}


@pytest.mark.parametrize("prefix", ["un", "in", "im", "re", "de", "bi", "co"])
def test_a_word_with_another_prefix_is_not_a_typo(prefix):
    assert corrections(f"{prefix}quantizxtion", "quantizxtion") == {}
    assert corrections("zzquantizxtion", "quantizxtion") == {"quantizxtion": 2}


@pytest.mark.parametrize(
    ("word", "watched"),
    [
        ("quantizxer", "quantizxed"),
        ("quantizxed", "quantizxer"),
        ("quantizxed", "quantizxe"),
        ("quantizxer", "quantizxe"),
    ],
)
def test_a_word_with_ed_or_er_is_not_a_typo_of_the_other_form(word, watched):
    assert corrections(word, watched) == {}


def test_longer_words_allow_more_edits():
    assert corrections("abcdzf", "abcdef") == {"abcdef": 1}
    assert corrections("abcdz", "abcde") == {}
    assert corrections("abcdefgzz", "abcdefghi") == {}
    assert corrections("abcdefghzz", "abcdefghij") == {"abcdefghij": 2}
    assert corrections("abcdefgzzz", "abcdefghij") == {}


def test_a_typo_must_share_one_end_with_the_word():
    assert corrections("abcdefgh", "abcdxfgh") == {"abcdxfgh": 1}
    assert corrections("zbcdefgh", "abcdefgh") == {"abcdefgh": 1}
    assert corrections("abcdefgz", "abcdefgh") == {"abcdefgh": 1}
    assert corrections("zbcdefghiz", "abcdefghij") == {}


def test_the_plural_of_a_misspelled_word_is_corrected():
    assert corrections("abcdzfs", "abcdef") == {"abcdef": 1}


def test_only_a_word_without_capitals_inside_or_all_in_capitals_is_a_typo():
    assert TypoFinder(["abcdef"]).corrections("AbcdZf", "abcdzf") == {}
    assert TypoFinder(["abcdef"]).corrections("ABCDZF", "abcdzf") == {"abcdef": 1}
    assert TypoFinder(["abcdef"]).corrections("ABCDZFs", "abcdzfs") == {"abcdef": 1}
    assert TypoFinder(["abcdef"]).corrections("Abcdzf", "abcdzf") == {"abcdef": 1}
