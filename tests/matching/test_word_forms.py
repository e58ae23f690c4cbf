"""The forms of words, and the cheap test that skips words without any."""

from build_vocabulary import known_words
from hypothesis import example, given
from hypothesis import strategies as st

from papertrack.matching.phrases import Phrasebook
from papertrack.matching.word_forms import WordForms

VOCABULARY = known_words()
# Words that begin with other letters than their normal forms, or are longer.
IRREGULAR = [
    *("body", "bodies", "copy", "copies", "box", "boxes", "axis", "axes", "index", "indices"),
    *("fibre", "fibres", "fiber", "centre", "center", "metre", "metres", "theatre", "colour"),
    *(
        "tax",
        "taxes",
        "fly",
        "flies",
        "tie",
        "ties",
        "lens",
        "lenses",
        "bias",
        "biases",
        "matrices",
    ),
    *("matrix", "LMs", "RL", "LLMs", "analyse", "analyze", "modelling", "dialogue", "naïve"),
    *("Graphs", "retreival", "diffuson", "apices", "apex", "women", "woman", "spectra", "loci"),
    *("haemal", "hemal", "anaemia", "anemia", "kinaesthesia", "foetal", "fetal", "oestrus", "grey"),
    *("sulphur", "sulfur", "mould", "mold", "artefact", "artifact", "odour", "wives", "wife"),
    *("bases", "basis", "quizzes", "quiz", "gases", "gas", "buses", "bus", "mice", "mouse"),
]
_WORDS = st.sampled_from(IRREGULAR) | st.sampled_from(VOCABULARY)


def _typos(word):
    for at in range(len(word)):
        yield word[:at] + word[at + 1 :]
        yield (word[:at] + "x" + word[at:]).title()
        yield word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :] + "s"


class WordFormsWithoutTest(WordForms):
    """Computes the forms of every word, without the cheap test."""

    def _possible_parts(self, words):
        return words


@given(st.lists(st.lists(_WORDS, min_size=1, max_size=3).map(" ".join), min_size=1, max_size=5))
@example(["basis gases"])
def test_the_cheap_test_skips_no_word_that_has_a_form(phrases):
    tested, thorough = Phrasebook(phrases).words, Phrasebook(phrases).words
    thorough.__class__ = WordFormsWithoutTest
    letters = {letter for phrase in phrases for letter in phrase[:2]}
    phrase_words = " ".join(phrases).split()
    words = [
        *IRREGULAR,
        *(word for word in VOCABULARY[::7] if word[0] in letters),
        *(
            form
            for word in phrase_words
            for form in (word, word.title(), word + "s", *_typos(word))
        ),
    ]
    tested.add(set(words))
    thorough.add(set(words))
    assert tested.forms == thorough.forms
    assert tested.starts == thorough.starts
