"""Papers that the condition for the search index rejects do not match."""

import gzip
import json

import pytest
from build_vocabulary import known_words
from hypothesis import given, settings
from hypothesis import strategies as st
from invented import NOW, put, sighting

from papertrack.library.library import Library
from papertrack.matching.candidates import condition
from papertrack.matching.matcher import Matcher
from papertrack.matching.words import folded_singular, normal_form, spellings
from papertrack.models import Topic
from papertrack.tracker import Tracker

PHRASES = (
    "retrieval-augmented generation",
    "RAG",
    "language models",
    "pretraining",
    "3D point cloud",
    "fine-tuning",
    "behaviour cloning",
    "self-supervised learning",
    "R-CNN",
    "GPT-4",
    "optimisation",
    "retriev* augment*",
    "augmented * generation",
    "R*",
    '"language models"',
    "knowledge base",
    "Gr\u00f6bner bases",
    "power spectrum",
    "haemoglobin",
    "C++",
    '"A*"',
    "\u03b2-VAE",
    "Groebner basis",
    "A.I. safety",
    "text2image",
    "Node.js",
    "GPT-4o",
    "*former",
    "\u6269\u6563\u6a21\u578b",
    "\uc2e0\uacbd\ub9dd",
    "\u0e42\u0e21\u0e40\u0e14\u0e25",
    "\u0928\u0947\u091f\u0935\u0930\u094d\u0915",
)
# The phrases as people write them, correct, misspelled, divided and joined, and other texts.
TEXTS = (
    *PHRASES,
    "retrieval augmented generations",
    "Retreival-augmented generation",
    "retrievalaugmented generation",
    "retrieval augmentedgeneration",
    "augmented generation by retrieval",
    "RAGs and rags",
    "langauge model",
    "a language. Models",
    "pre-training",
    "pre trained",
    "pretrainning",
    "3-D point clouds",
    "point-cloud in 3 D",
    "finetuning",
    "fine tunning",
    "behavior clonning",
    "behavioral cloning",
    "selfsupervised learnings",
    "self supervised-learning",
    "optimization",
    "Optimisations",
    "optimzation",
    "Parkinson's language models",
    "naïve language-models",
    "GPT4",
    "gpt 4",
    "RCNN",
    "R CNN",
    "3D sparse point clouds",
    "retrieval and augmented generation",
    "self-supervised speech representation learning",
    "the retrieval's augmented answer's generation",
    "language and models",
    "augmented text generation",
    "retrieved, augmented",
    "retrieving augmented",
    "behaviour from cloning",
    "knowledge bases",
    "a Gr\u00f6bner basis",
    "a Groebner-basis",
    "A.I. safety, AI safety",
    "Text2Image",
    "text-to-image",
    "NodeJS",
    "power spectra",
    "powerspectra",
    "hemoglobins",
    "C++17 and C#",
    "vitamin C",
    "A* search, $A^*$",
    "$\\beta$-VAE",
    "beta VAE",
    "GPT4o",
    "vision transformers",
    "\u57fa\u4e8e\u6269\u6563\u6a21\u578b\u7684LLM\u751f\u6210",
    "\u65b0\uc2e0\uacbd\ub9dd\uc744 \uc774\uc6a9",
    "\u0e01\u0e32\u0e23\u0e42\u0e21\u0e40\u0e14\u0e25\u0e19\u0e35\u0e49",
    "\u090f\u0915 \u0928\u0947\u091f\u0935\u0930\u094d\u0915 \u0939\u0948",
)


def _matching_ids(topics, papers):
    """The ids of matching papers: by reading all papers, and with the help of the index."""
    library = Library(None)
    put(library, *papers)
    tracker = Tracker(library, topics, NOW)
    by_reading = {entry.paper.id for entry in tracker.match(tracker.scan()) if entry.matches}
    by_index = {entry.paper.id for entry in tracker.matching()}
    return by_reading, by_index


@pytest.mark.parametrize("phrase", PHRASES)
def test_the_condition_accepts_every_spelling_that_matches(phrase):
    papers = [
        sighting(f"2603.{number:05}", title=f"On {text} today", abstract=f"Not here. {text}")
        for number, text in enumerate(TEXTS)
    ]
    by_reading, by_index = _matching_ids((Topic("topic", any=(phrase,)),), papers)
    assert by_reading == by_index != set()


@settings(deadline=None, max_examples=40)
@given(st.lists(st.sampled_from(TEXTS), min_size=1, max_size=4), st.data())
def test_the_condition_of_several_topics_accepts_every_match(texts, data):
    topics = data.draw(
        st.lists(
            st.builds(
                Topic,
                st.sampled_from("abc"),
                any=st.lists(st.sampled_from(PHRASES), max_size=2).map(tuple),
                all=st.lists(st.sampled_from(PHRASES), max_size=2).map(tuple),
                none=st.lists(st.sampled_from(PHRASES), max_size=1).map(tuple),
            ).filter(lambda topic: topic.any or topic.all),
            min_size=1,
            max_size=3,
        )
    )
    papers = [sighting("2603.00001", title="; ".join(texts)), sighting("2603.00002")]
    by_reading, by_index = _matching_ids(tuple(topics), papers)
    assert by_reading == by_index


def test_the_condition_accepts_a_phrase_of_which_two_words_are_divided():
    papers = [
        sighting("2603.00001", title="On pre training fine tuning"),
        sighting("2603.00002", title="On pretraining fine tuning"),
        sighting("2603.00003", title="On pre training alone"),
    ]
    by_reading, by_index = _matching_ids((Topic("t", any=("pretraining finetuning",)),), papers)
    assert by_reading == by_index == {"2603.00001", "2603.00002"}


def test_topics_with_authors_or_only_categories_have_no_condition():
    assert condition([Topic("authors", authors=("Ada One",))], ["ada", "one"]) is None
    assert condition([Topic("labs", organizations=("Lab",))], ["lab"]) is None
    assert condition([Topic("categories", categories=("cs.CL",))], ["cs"]) is None
    assert condition([Topic("phrases", any=("x y",))], ["x", "y"]) is not None


def test_each_known_word_is_a_spelling_of_its_normal_form_and_its_singular():
    words = known_words()[::7]
    missing = [
        word
        for word in words
        if word not in spellings(normal_form(word)) or word not in spellings(folded_singular(word))
    ]
    assert (missing, len(words) > 5000) == ([], True)


def test_the_condition_accepts_every_captured_paper_that_matches(shared):
    papers = {}
    for file in sorted(shared("data/hf/daily_papers").glob("2026-03-*.json.gz"))[:12]:
        for entry in json.loads(gzip.decompress(file.read_bytes())):
            paper = entry["paper"]
            texts = {"title": paper["title"], "abstract": paper.get("summary")}
            papers[paper["id"]] = sighting(paper["id"], **texts)
    topics = tuple(Topic(phrase, any=(phrase,)) for phrase in PHRASES)
    by_reading, by_index = _matching_ids(topics, papers.values())
    assert len(papers) > 100
    assert by_reading == by_index != set()


def test_a_phrase_across_clauses_does_not_match_although_the_condition_accepts_it():
    """The index does not store where a clause ends."""
    topics = (Topic("models", any=("language models",)),)
    paper = sighting(title="A language. Models of it").paper
    assert Matcher(topics).match(paper) == ()


@pytest.mark.parametrize(
    "word",
    ["ue" * 200, "ae" * 100, "hemimoldfetpedesthesulfedemsophesophfetmoltgraysc", "to" * 100],
)
def test_strange_words_have_few_spellings(word):
    assert len(spellings(word)) < 1000


def test_the_letter_that_stands_for_a_star_is_no_wildcard():
    topic = Topic("linguistics", any=("\u01c2 graph",))
    assert _matching_ids([topic], [sighting("2603.00001", title="A tree")]) == (set(), set())
