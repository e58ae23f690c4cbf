"""What the word index leaves out may not match."""

import gzip
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from invented import NOW, put, sighting

from papertrack.library.library import Library
from papertrack.matching.candidates import condition
from papertrack.matching.matcher import Matcher
from papertrack.matching.vocabulary import _listed
from papertrack.matching.words import as_singular, normal_form, spellings
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
)
# What people write of these, right, wrong, in parts and joined, and what is something else.
WRITTEN = (
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
)


def _matched(topics, papers):
    """The ids of the papers that match, as told by reading all of them and by asking the index."""
    library = Library(None)
    put(library, *papers)
    tracker = Tracker(library, topics, NOW)
    read = {one.paper.id for one in tracker.match(tracker.scan()) if one.matches}
    asked = {one.paper.id for one in tracker.matching()}
    return read, asked


@pytest.mark.parametrize("phrase", PHRASES)
def test_no_way_of_writing_a_phrase_is_left_out(phrase):
    papers = [
        sighting(f"2603.{number:05}", title=f"On {text} today", abstract=f"Not here. {text}")
        for number, text in enumerate(WRITTEN)
    ]
    read, asked = _matched((Topic("one", any=(phrase,)),), papers)
    assert read == asked != set()


@settings(deadline=None, max_examples=40)
@given(st.lists(st.sampled_from(WRITTEN), min_size=1, max_size=4), st.data())
def test_all_topics_together_leave_nothing_out(texts, data):
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
    read, asked = _matched(tuple(topics), papers)
    assert read == asked


def test_authors_and_categories_cannot_be_told_from_words():
    assert condition([Topic("who", authors=("Ada One",))], ["ada", "one"]) is None
    assert condition([Topic("where", categories=("cs.CL",))], ["cs"]) is None
    assert condition([Topic("what", any=("x y",))], ["x", "y"]) is not None


def test_each_known_word_is_a_spelling_of_its_plain_form():
    words = sorted(_listed())[::7]
    missing = [
        word
        for word in words
        if word not in spellings(normal_form(word)) or word not in spellings(as_singular(word))
    ]
    assert (missing, len(words) > 5000) == ([], True)


def test_real_papers_that_match_are_not_left_out(shared):
    """Topics against the captured listings of a month."""
    papers = {}
    for file in sorted(shared("data/hf/daily_papers").glob("2026-03-*.json.gz"))[:12]:
        for entry in json.loads(gzip.decompress(file.read_bytes())):
            paper = entry["paper"]
            texts = {"title": paper["title"], "abstract": paper.get("summary")}
            papers[paper["id"]] = sighting(paper["id"], **texts)
    topics = tuple(Topic(phrase, any=(phrase,)) for phrase in PHRASES)
    read, asked = _matched(topics, papers.values())
    assert len(papers) > 100
    assert read == asked != set()


def test_the_matcher_is_the_one_that_decides():
    """The index may offer more than what matches, as it does not see where a clause ends."""
    topics = (Topic("models", any=("language models",)),)
    paper = sighting(title="A language. Models of it").paper
    assert Matcher(topics).match(paper) == ()
