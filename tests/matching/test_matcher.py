"""Topics against papers: what belongs, the best match, and the reasons."""

import subprocess
import sys

import pytest

from papertrack.matching import fingerprint
from papertrack.matching.matcher import Matcher
from papertrack.models import Match, Paper, Topic

PAPER = Paper(
    id="2603.00001",
    title="Sparse Retrieval for Long Answers",
    abstract="We join retrieval-augmented\ngeneration with sparse retrieval. LoRA helps.",
    authors=("Jos\u00e9 \u00c1lvarez-Ruiz", "Wei Chen", "Y. Okafor"),
    categories=("cs.CL", "stat.ML"),
    keywords=("question answering", "ranking"),
)


def matches(**topic):
    return Matcher([Topic(name="t", **topic)]).match(PAPER)


def test_a_match_says_phrase_field_words_and_score():
    assert matches(any=("retrieval augmented generation",)) == (
        Match(
            "t",
            "retrieval augmented generation",
            "abstract",
            "retrieval-augmented generation",
            100,
        ),
    )


def test_the_title_is_preferred_at_equal_score():
    assert matches(any=("LoRA", "sparse retrieval"))[0].field == "title"


def test_a_better_score_is_preferred_to_the_title():
    paper = Paper(id="x:1", title="Prunning nets", abstract="About pruning.")
    assert Matcher([Topic("t", any=("pruning",))]).match(paper)[0].field == "abstract"


def test_keywords_are_each_their_own():
    assert matches(any=("question answering",))[0].field == "keywords"
    assert not matches(any=("answering ranking",))


@pytest.mark.parametrize(
    ("topic", "belongs"),
    [
        ({"any": ("LoRA", "absent words")}, True),
        ({"any": ("absent words",)}, False),
        ({"all": ("LoRA", "ranking")}, True),
        ({"all": ("LoRA", "absent words")}, False),
        ({"any": ("LoRA",), "all": ("ranking",)}, True),
        ({"any": ("absent words",), "all": ("ranking",)}, False),
        ({"any": ("LoRA",), "none": ("ranking",)}, False),
        ({"any": ("LoRA",), "none": ("rag doll",)}, True),
        ({"authors": ("Wei Chen",)}, True),
        ({"authors": ("Wei Chen",), "none": ("ranking",)}, False),
        ({"any": ("absent words",), "authors": ("Wei Chen",)}, True),
        ({"any": ("LoRA",), "categories": ("CS.cl",)}, True),
        ({"any": ("LoRA",), "categories": ("cs",)}, True),
        ({"any": ("LoRA",), "categories": ("cs.CV", "math")}, False),
        ({"any": ("LoRA",), "categories": ("c",)}, False),
        ({"categories": ("stat",)}, True),
        ({"categories": ("math",)}, False),
        ({"categories": ("stat",), "none": ("ranking",)}, False),
        ({"any": ("absent words",), "categories": ("cs",)}, False),
        ({"none": ("rag doll",)}, False),
        ({}, False),
    ],
)
def test_any_all_none_authors_and_categories_together(topic, belongs):
    assert bool(matches(**topic)) is belongs


@pytest.mark.parametrize(
    ("name", "score"),
    [
        ("jose alvarez ruiz", 100),
        ("\u00c1lvarez-Ruiz, Jos\u00e9", 100),
        ("Wei Q. Chen", 100),
        ("Chen", 100),
        ("W. Chen", 90),
        ("Yemi Okafor", 90),
    ],
)
def test_an_author_is_known_by_other_forms_of_the_name(name, score):
    assert matches(authors=(name,))[0].score == score
    assert matches(authors=(name,))[0].field == "authors"


@pytest.mark.parametrize("name", ["Wen Chen", "Wei Cheng", "Wei", "Chen Wei", "Z. Okafor", "..."])
def test_another_name_is_another_person(name):
    assert not matches(authors=(name,))


def test_a_match_below_the_threshold_does_not_count():
    paper = Paper(id="x:1", title="Network prunning")
    by_threshold = [
        bool(Matcher([Topic("t", any=("pruning",), threshold=least)]).match(paper))
        for least in (90, 100)
    ]
    assert by_threshold == [True, False]
    assert not matches(authors=("W. Chen",), threshold=95)


def test_matches_come_in_the_order_of_the_topics_one_each():
    topics = [Topic("b", any=("ranking",)), Topic("a", any=("LoRA", "sparse retrieval"))]
    assert [one.topic for one in Matcher(topics).match(PAPER)] == ["b", "a"]


def test_a_paper_without_abstract_is_matched_by_its_title():
    assert Matcher([Topic("t", any=("graphs",))]).match(Paper(id="x:1", title="A Graph"))


def test_explaining_names_every_phrase_that_met_and_that_did_not():
    topic = Topic("t", any=("sparse retrieval", "absent words"), all=("lora", "other words"))
    (verdict,) = Matcher([topic]).explain(PAPER)
    assert [(one.phrase, one.field) for one in verdict.matches] == [
        ("sparse retrieval", "title"),
        ("sparse retrieval", "abstract"),
        ("lora", "abstract"),
    ]
    assert verdict.missing == ("absent words", "other words")
    assert (verdict.excluded_by, verdict.outside, verdict.matched) == (None, (), False)


def test_explaining_names_what_excluded_a_paper():
    topic = Topic("t", any=("LoRA",), none=("rankings",), categories=("math.CO",))
    (verdict,) = Matcher([topic]).explain(PAPER)
    assert verdict.excluded_by == Match("t", "rankings", "keywords", "ranking", 100)
    assert verdict.outside == ("math.CO",)
    assert not verdict.matched


def test_match_and_explain_agree():
    topics = [
        Topic("in", any=("LoRA",)),
        Topic("out", any=("absent words",)),
        Topic("place", categories=("cs",)),
        Topic("person", authors=("Chen",)),
    ]
    matcher = Matcher(topics)
    explained = tuple(one.matches[0] for one in matcher.explain(PAPER) if one.matched)
    assert matcher.match(PAPER) == explained


def test_the_fingerprint_changes_with_the_topics_alone():
    topic = Topic("t", any=("LoRA",))
    assert fingerprint([topic]) == fingerprint([Topic("t", any=("LoRA",))])
    assert fingerprint([topic]) != fingerprint([topic._replace(threshold=91)])
    assert fingerprint([]) != fingerprint([topic])


def test_importing_and_exact_matching_load_no_heavy_modules():
    program = (
        "import sys\n"
        "from papertrack.matching.matcher import Matcher\n"
        "from papertrack.models import Paper, Topic\n"
        "Matcher([Topic('t', any=('graph learning',))]).match(Paper('x:1', 'Graph learning'))\n"
        "heavy = {'rapidfuzz', 'hashlib', 'dataclasses', 'unicodedata', 'pathlib'}\n"
        "print(heavy & set(sys.modules))"
    )
    run = subprocess.run(
        [sys.executable, "-I", "-c", f"sys=__import__('sys');sys.path[:0]={sys.path!r}\n{program}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == "set()"
