"""Word vectors learned from papers."""

from collections import Counter
from math import prod, sqrt
from random import Random

from papertrack.models import Paper
from papertrack.searching.features import features, key_of
from papertrack.searching.latent import learn_vectors
from papertrack.searching.word_vectors import Locator, from_bytes

SUBJECTS = [
    [f"{subject}{number}" for number in range(30)] for subject in ("stars", "genes", "laws", "cars")
]


def papers(number):
    """Papers of four subjects in turn, each with five of the words of its subject."""
    draw = Random(1)
    return [Counter(draw.sample(SUBJECTS[index % 4], 5)) for index in range(number)]


def cosine(learned, first, second):
    papers_with = (features(Paper("1", " ".join(words))) for words in (first, second))
    vectors = list(map(Locator([learned]).locate, papers_with))
    lengths = [sqrt(sum(x * x for x in vector)) for vector in vectors]
    return sum(x * y for x, y in zip(*vectors, strict=True)) / prod(lengths)


def test_papers_of_one_subject_are_close_without_a_common_word():
    learned = learn_vectors(papers(400))
    close = cosine(learned, SUBJECTS[0][:15], SUBJECTS[0][15:])
    apart = cosine(learned, SUBJECTS[0][:15], SUBJECTS[1][15:])
    assert close > apart + 0.2


def test_the_same_papers_have_the_same_vectors():
    first, second = learn_vectors(papers(240)), learn_vectors(papers(240))
    assert first.dimensions > 0
    assert first.to_bytes() == second.to_bytes()


def test_vectors_are_the_same_before_and_after_they_are_stored():
    learned = learn_vectors(papers(240))
    stored = from_bytes(learned.to_bytes())
    assert [stored.vector(key_of(word)) for word in stored.words] == [
        learned.vector(key_of(word)) for word in learned.words
    ]


def test_few_papers_have_no_vectors():
    assert learn_vectors(papers(100)).dimensions == 0


def test_words_whose_first_directions_cancel_out_have_no_vectors():
    # The checksums of these two words differ in all bits that directions begin with.
    both, others = [{"law": 1, "aal": 1}] * 60, [{f"word{number}": 1} for number in range(180)]
    learned = learn_vectors([*both, *others])
    assert (learned.dimensions, learned.vector(key_of("law"))) == (0, [])
