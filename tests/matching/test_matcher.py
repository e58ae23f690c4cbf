"""Matching papers against topics: which topics match, the best match, and the reasons."""

import subprocess
import sys

import pytest

from papertrack.matching import fingerprint
from papertrack.matching.matcher import Matcher
from papertrack.matching.names import name_score, organization_score, part_of_last_word
from papertrack.models import Match, Paper, Topic

PAPER = Paper(
    id="2603.00001",
    title="Sparse Retrieval for Long Answers",
    abstract="We join retrieval-augmented\ngeneration with sparse retrieval. LoRA helps.",
    authors=("Jos\u00e9 \u00c1lvarez-Ruiz", "Wei Chen", "Y. Okafor"),
    categories=("cs.CL", "stat.ML"),
    keywords=("question answering", "ranking"),
    organization="Caf\u00e9 AI Labs",
)


def matches(**topic):
    return Matcher([Topic(name="t", **topic)]).match(PAPER)


def test_a_match_has_the_phrase_the_field_the_matched_words_and_the_score():
    assert matches(any=("retrieval augmented generation",)) == (
        Match(
            "t",
            "retrieval augmented generation",
            "abstract",
            "retrieval-augmented generation",
            100,
        ),
    )


def test_at_equal_scores_the_match_in_the_title_is_the_best():
    assert matches(any=("LoRA", "sparse retrieval"))[0].field == "title"


def test_a_match_in_the_title_is_better_than_a_higher_score_in_the_abstract():
    paper = Paper(id="x:1", title="Prunning nets", abstract="About pruning.")
    assert Matcher([Topic("t", any=("pruning",))]).match(paper)[0].field == "title"


def test_papers_are_ordered_by_field_then_score_then_number_of_phrases():
    topic = Topic("t", any=("pruning", "distillation"), authors=("Ada One",))
    papers = [
        Paper("x:4", "Nets", abstract="Prunning."),
        Paper("x:3", "Nets", abstract="Pruning."),
        Paper("x:2", "Nets", abstract="Pruning and distillation."),
        Paper("x:1", "Prunning nets", abstract="Pruning."),
        Paper("x:0", "Pruning nets", authors=("Ada One",)),
        Paper("x:5", "Nets", authors=("Ada One",)),
    ]
    matched = [(*Matcher([topic]).match(paper), paper.id) for paper in papers]
    ordered = sorted(matched, key=lambda pair: pair[0].order)
    assert [paper_id for _, paper_id in ordered] == [f"x:{number}" for number in range(6)]
    assert [match.phrases for match, _ in ordered] == [2, 1, 2, 1, 1, 1]


def test_a_phrase_does_not_match_across_keywords():
    assert matches(any=("question answering",))[0].field == "keywords"
    assert not matches(any=("answering ranking",))


@pytest.mark.parametrize(
    ("topic", "is_match"),
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
        ({"organizations": ("cafe ai",)}, True),
        ({"organizations": ("Caf",)}, False),
        ({"organizations": ("AI Cafe",)}, False),
        ({"organizations": ("Cafe AI",), "none": ("ranking",)}, False),
        ({"organizations": ("Cafe AI",), "categories": ("math",)}, False),
        ({"any": ("absent words",), "organizations": ("labs",)}, True),
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
def test_phrases_authors_organizations_and_categories_are_combined(topic, is_match):
    assert bool(matches(**topic)) is is_match


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
def test_an_author_matches_in_other_forms_of_the_name(name, score):
    assert matches(authors=(name,))[0].score == score
    assert matches(authors=(name,))[0].field == "authors"


@pytest.mark.parametrize("plain", ["P\u00e1l Erd\u0151s", "Pal Erdos"])
def test_a_name_in_tex_is_the_same_name(plain):
    tex = r"P{\'a}l Erd\H{o}s"
    assert name_score(tex, plain) == name_score(plain, tex) == name_score(tex, tex) == 100
    assert part_of_last_word(tex) == part_of_last_word(plain) == "erdos"
    paper = Paper("x:1", "T", authors=("Ada One", tex))
    (match,) = Matcher([Topic("t", authors=(plain,))]).match(paper)
    assert match.matched == "P\u00e1l Erd\u0151s"


@pytest.mark.parametrize(
    ("watched", "author", "score"),
    [
        ("Hans Mueller", "Hans M\u00fcller", 100),
        ("Hans M\u00fcller", "Hans Mueller", 100),
        ("H. Mueller", r"Hans M{\"u}ller", 90),
        ("M\u00fcller", "Hans Muller", 100),
        ("Mueller", "Hans Muller", 0),
        ("J.R.R. Tolkien", "John Tolkien", 90),
    ],
)
def test_an_umlaut_in_a_name_may_be_spelled_out(watched, author, score):
    assert name_score(watched, author) == score
    assert part_of_last_word(watched) in author.lower()


def test_an_organization_may_be_written_with_dots_and_umlauts():
    assert organization_score("US Army", "The U.S. Army Labs") == 100
    assert organization_score("Z\u00fcrich", "Uni Zuerich") == 100
    assert organization_score("Zuerich", "Uni Zurich") == 0


def test_a_group_is_the_same_with_and_without_its_article():
    names = ("The Gemini Team", "Gemini Team", "the gemini team")
    assert {name_score(one, other) for one in names for other in names} == {100}
    assert name_score("The Gemini Team", "The Gemma Team") == 0


@pytest.mark.parametrize(
    "name",
    ["Wen Chen", "Wei Cheng", "Wei", "Chen Wei", "Z. Okafor", "Yemiokafor", "Okaforowitz", "..."],
)
def test_a_different_name_does_not_match_an_author(name):
    assert not matches(authors=(name,))


def test_a_verdict_names_the_people_that_a_paper_of_the_category_lacks():
    topics = [
        Topic("a", authors=("Ada One",), organizations=("Lab",), categories=("cs",)),
        Topic("b", authors=("Wei Chen",), organizations=("Lab",), categories=("cs",)),
    ]
    lacking, by_one = Matcher(topics).explain(PAPER)
    assert (lacking.matched, lacking.others) == (False, ("Ada One", "Lab"))
    assert [match.field for match in lacking.matches] == ["categories"]
    assert (by_one.matched, by_one.others) == (True, ())


def test_an_organization_matches_by_its_whole_name():
    match = Match("t", "cafe-ai", "organization", "Caf\u00e9 AI Labs", 100)
    assert matches(organizations=("cafe-ai",)) == (match,)
    assert not Matcher([Topic("t", organizations=("x",))]).match(PAPER._replace(organization=None))


def test_a_match_below_the_threshold_does_not_count():
    paper = Paper(id="x:1", title="Network prunning")
    by_threshold = [
        bool(Matcher([Topic("t", any=("pruning",), threshold=threshold)]).match(paper))
        for threshold in (90, 100)
    ]
    assert by_threshold == [True, False]
    assert not matches(authors=("W. Chen",), threshold=95)


def test_each_topic_has_one_match_in_the_order_of_the_topics():
    topics = [Topic("b", any=("ranking",)), Topic("a", any=("LoRA", "sparse retrieval"))]
    assert [match.topic for match in Matcher(topics).match(PAPER)] == ["b", "a"]


def test_a_paper_without_abstract_can_match_by_its_title():
    assert Matcher([Topic("t", any=("graphs",))]).match(Paper(id="x:1", title="A Graph"))


def test_a_verdict_lists_every_phrase_that_matched_and_that_did_not():
    topic = Topic("t", any=("sparse retrieval", "absent words"), all=("lora", "other words"))
    (verdict,) = Matcher([topic]).explain(PAPER)
    assert [(match.phrase, match.field) for match in verdict.matches] == [
        ("sparse retrieval", "title"),
        ("sparse retrieval", "abstract"),
        ("lora", "abstract"),
    ]
    assert verdict.missing == ("absent words", "other words")
    assert (verdict.excluded_by, verdict.outside, verdict.matched) == (None, (), False)


def test_a_verdict_lists_the_phrase_and_the_categories_that_excluded_a_paper():
    topic = Topic("t", any=("LoRA",), none=("rankings",), categories=("math.CO",))
    (verdict,) = Matcher([topic]).explain(PAPER)
    assert verdict.excluded_by == Match("t", "rankings", "keywords", "ranking", 100)
    assert verdict.outside == ("math.CO",)
    assert not verdict.matched


def test_match_and_explain_agree():
    topics = [
        Topic("in", any=("LoRA",)),
        Topic("out", any=("absent words",)),
        Topic("categories", categories=("cs",)),
        Topic("authors", authors=("Chen",)),
    ]
    matcher = Matcher(topics)
    explained = tuple(verdict.matches[0] for verdict in matcher.explain(PAPER) if verdict.matched)
    assert matcher.match(PAPER) == explained


@pytest.mark.parametrize(
    "title",
    [
        "Sparse attention, atention and attention",
        "Sparse atention",
        "An attention to sparse detail",
        "Graphs",
        "Sparse networks of attentions (SA)",
    ],
)
@pytest.mark.parametrize("rule", [{"any": ("sparse attention",)}, {"none": ("sparse attention",)}])
def test_the_best_matches_alone_are_those_of_a_complete_verdict(title, rule):
    paper = Paper("1", title, abstract="Our sparse attention (SA) is sparse attention.")
    matcher = Matcher([Topic("t", **rule, threshold=0)])
    (best,), (complete,) = matcher.explain_all([paper], only_best=True)[0], matcher.explain(paper)
    assert best.matches[:1] == complete.matches[:1]
    assert best._replace(matches=()) == complete._replace(matches=())


def test_a_later_mention_may_be_the_best_one():
    paper = Paper(
        "1", "Graphs", abstract="Atentions, sparse graph attention, and Sparse Attention."
    )
    topics = [Topic("one", any=("attention",)), Topic("two", any=("sparse attention",))]
    matched = [
        (match.matched, match.score)
        for topics_of_book in ([topics[0]], [topics[1]], topics)
        for match in Matcher(topics_of_book).match(paper)
    ]
    assert matched == 2 * [("attention", 100), ("Sparse Attention", 100)]


def test_the_fingerprint_changes_only_with_the_topics():
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
