"""Topics and searches see TeX as people read it."""

import pytest

from papertrack.matching.matcher import Matcher
from papertrack.models import Paper, Topic
from papertrack.searching.query import words_of
from papertrack.text import readable


@pytest.mark.parametrize(
    ("phrase", "title"),
    [
        ("beta-VAE", r"$\beta$-VAE for images"),
        ("β-VAE", r"A $\beta$-VAE"),
        ("beta-VAE", "A β-VAE"),
        ("Erdős–Rényi", r"Erd\H{o}s-R\'enyi graphs"),  # noqa: RUF001
        ("Bjontegaard", r"The Bj{\o}ntegaard rate"),
        ("Polyak-Łojasiewicz", "The Polyak-Lojasiewicz condition"),
        ("retrieval augmented", r"\textbf{R}etrieval-\textbf{A}ugmented"),
        ("MoS2", "Layers of MoS$_2$"),
    ],
)
def test_a_phrase_matches_a_title_with_tex(phrase, title):
    matches = Matcher([Topic("t", any=(phrase,))]).match(Paper("x:1", title))
    assert [match.matched in readable(title) for match in matches] == [True]


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("beta vae", r"$\beta$-VAE"),
        ("β-vae", "Beta VAE"),
        ("frechet", r"Fr\'echet"),
        ("łos", "Los"),
    ],
)
def test_a_query_has_the_words_of_a_title_with_tex(query, title):
    assert words_of(query) == words_of(readable(title))
