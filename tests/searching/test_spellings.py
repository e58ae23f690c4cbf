"""Searches join the spellings that topics join: in results, candidates of a topic, highlights."""

import pytest
from invented import NOW, put, sighting

from papertrack.highlighting import spans
from papertrack.library.library import Library
from papertrack.library.search_index.word_keys import KeyFinder, key_of_spelling
from papertrack.matching.matcher import Matcher
from papertrack.models import Topic
from papertrack.text import readable
from papertrack.tracker import Tracker, search

FILLERS = ("Filler of pages", "Other things", "Wide areas of land", "Some points")


def _library(*titles):
    """A library of papers with these titles, numbered from 1, and others."""
    library = Library(None)
    papers = enumerate((*titles, *FILLERS), 1)
    put(library, *(sighting(f"2603.{number:05}", title=title) for number, title in papers))
    return library


def _found(library, query):
    """The numbers of the papers that a query finds, and the words to highlight."""
    report = search.search(Tracker(library, (), NOW), query)
    entries = report.sections[0].entries
    return {int(entry.paper.id[-5:]) for entry in entries}, report.words


SAME = [
    *(("behaviour", "behavior"), ("tumour", "tumor"), ("haemoglobin", "hemoglobin")),
    *(("modelling", "modeling"), ("optimise", "optimize"), ("fibre", "fiber"), ("grey", "gray")),
    *(("artefact", "artifact"), ("catalogue", "catalog"), ("sulphur", "sulfur"), ("disc", "disk")),
    *(("programme", "program"), ("learnt", "learned"), ("paediatric", "pediatric")),
    *(("matrix", "matrices"), ("index", "indices"), ("vertex", "vertices"), ("axis", "axes")),
    *(("criterion", "criteria"), ("spectrum", "spectra"), ("automaton", "automata")),
    *(("stimulus", "stimuli"), ("hypothesis", "hypotheses"), ("basis", "bases")),
    *(("mouse", "mice"), ("child", "children"), ("leaf", "leaves"), ("person", "people")),
    *(("Schr\u00f6dinger", "Schroedinger"), ("\u00c5ngstr\u00f6m", "Aangstroem")),
    *(("A.I.", "AI"), ("i.i.d.", "iid"), ("U.S.", "US"), ("A.I.", "a.i."), ("AI", "a.i.")),
    *(("3D", "3-D"), ("4bit", "4-bit"), ("GPT4", "GPT-4"), ("ResNet50", "ResNet-50")),
    *(("UNet", "U-Net"), ("kNN", "k-NN"), ("tSNE", "t-SNE"), ("NodeJS", "Node.js")),
    *(("text2image", "text-to-image"), ("seq2seq", "seq-to-seq"), ("sim2real", "sim to real")),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), SAME)
def test_a_search_and_a_topic_find_each_of_two_spellings_by_the_other(one, other):
    spellings = [spelling for spelling in (one, other) if spelling != "a.i."]
    titles = [f"On {spelling} here" for spelling in spellings]
    library = _library(*titles)
    for query in (one, other):
        matcher = Matcher([Topic("t", any=(query,))])
        papers = [entry.paper for entry in library.all_entries() if int(entry.paper.id[-1]) < 3]
        assert all(matcher.match(paper) for paper in papers if paper.title in titles)
        found, words = _found(library, query)
        assert found == {*range(1, len(titles) + 1)}
        assert all(list(spans(title, words)) for title in titles)


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("artificial", "On artefacts"),
        ("guests", "On gusts"),
        ("mass", "On mas"),
        ("T5", "On t = 5"),
        ("o1", "On O(1)"),
        ("sequence", "On seq2seq"),
        ("image", "On text2image"),
        ("disco", "On disks"),
        ("AI", "On a. I see"),
        ("EG", "On e.g. this"),
        ("score", "A method's core"),
        ("unit", "A.I. in u nit"),
    ],
)
def test_words_that_only_look_alike_are_not_joined(query, title):
    """In a library whose papers have the words of both."""
    assert 1 not in _found(_library(title, *(f"Some {query}" for _ in range(9))), query)[0]


def test_text2image_gives_the_same_results_however_it_is_written():
    titles = ["Text2image", *(f"Text-to-image {number}" for number in range(9)), "An image to text"]
    library = _library(*titles)
    results = [_found(library, query) for query in ("text2image", "text-to-image", "text to image")]
    assert results[0] == results[1] == results[2]
    assert results[0][0] == {*range(1, 12)}


def test_the_to_of_a_name_is_not_highlighted():
    title = "How to go from text to image"
    _, words = _found(_library(title, *("Some text2image",) * 9), "text2image")
    assert [title[first:last] for first, last in spans(title, words)] == ["text", "image"]


def test_a_name_that_most_papers_divide_is_not_found_by_its_parts():
    library = _library("A net", "Of u", "UNet", *(f"U-Net {number}" for number in range(9)))
    assert _found(library, "unet")[0] == {*range(3, 13)}


@pytest.mark.parametrize(
    "title", ["A \u00bd here", "On \ufdfa texts", "A 2\u00bd-D scene", "\u00be"]
)
def test_a_character_that_folds_to_several_words_is_found_and_highlighted(title):
    library = _library(title)
    (phrase,) = (word for word in title.split() if not word.isascii())
    found, words = _found(library, phrase)
    assert 1 in found
    assert [title[first:last] for first, last in spans(title, words)] == phrase.split("-")
    topic = Topic("t", any=(phrase,))
    tracker = Tracker(library, (topic,), NOW)
    candidates = tracker.candidates()
    assert "2603.00001" in set().union(*candidates.values())
    assert [entry.paper.title for entry in tracker.matching()] == [title]


def test_the_tex_of_a_title_is_searched_as_it_is_read():
    library = _library("H$_2$O and $\\beta$-VAE")
    for query in ("h2o", "beta-vae"):
        found, words = _found(library, query)
        assert found == {1}
        assert list(spans(readable("H$_2$O and $\\beta$-VAE"), words))


@pytest.mark.parametrize(
    ("word", "other", "same"),
    [
        *((one.lower(), other.lower(), True) for one, other in SAME[:28]),
        ("modelled", "models", True),
        ("groebner", "grobner", True),
        ("analyses", "analysis", True),
        ("axes", "axe", True),
        ("guests", "gusts", False),
        ("poem", "pom", False),
        ("transition", "translation", False),
        ("base", "basis", False),
    ],
)
def test_words_have_a_key_in_common_if_they_are_the_same_word(word, other, same):
    keys = KeyFinder().keys([word, "between", other])
    one, _, two = (keys[at] | {key_of_spelling((word, "", other)[at])} for at in range(3))
    assert bool(one & two) is same


def test_what_was_read_before_does_not_change_the_keys():
    finder = KeyFinder()
    finder.keys(["graphs", "words"])
    assert finder.keys(["heat"]) == [{"heat"}]


def test_another_spelling_has_not_all_words_with_its_stem():
    """People are persons, and *person* has the same stem as *personal*."""
    library = _library("Of people", "A person", "Personal things")
    assert _found(library, "people")[0] == {1, 2}
    assert _found(library, "person")[0] == {1, 2, 3}
