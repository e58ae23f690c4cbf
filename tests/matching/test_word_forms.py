"""What words of texts are read as, and that the quick look at them leaves nothing out."""

from hypothesis import given
from hypothesis import strategies as st

from papertrack.matching.phrases import Phrasebook
from papertrack.matching.vocabulary import _listed
from papertrack.matching.word_forms import WordForms

LISTED = sorted(_listed())
# Whose plain forms begin otherwise than they do, or are shorter.
TRICKY = [
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
    *("Graphs", "retreival", "diffuson"),
]
_WORDS = st.sampled_from(TRICKY) | st.sampled_from(LISTED)


def _slips(word):
    for at in range(len(word)):
        yield word[:at] + word[at + 1 :]
        yield (word[:at] + "x" + word[at:]).title()
        yield word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :] + "s"


class Thorough(WordForms):
    """Reads every word to the end."""

    def _possible_parts(self, words):
        return words


@given(st.lists(st.lists(_WORDS, min_size=1, max_size=3).map(" ".join), min_size=1, max_size=5))
def test_a_word_that_is_passed_over_says_nothing(phrases):
    written, thorough = Phrasebook(phrases).words, Phrasebook(phrases).words
    thorough.__class__ = Thorough
    letters = {letter for phrase in phrases for letter in phrase[:2]}
    said = " ".join(phrases).split()
    words = [
        *TRICKY,
        *(one for one in LISTED[::7] if one[0] in letters),
        *(form for one in said for form in (one, one.title(), one + "s", *_slips(one))),
    ]
    written.add(set(words))
    thorough.add(set(words))
    assert written.forms == thorough.forms
    assert written.starts == thorough.starts
