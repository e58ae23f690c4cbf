"""The exports of fixed papers are equal to the golden texts in `looks/`, byte for byte.

To write the golden texts again and review the differences:

    cd tests/exports && PYTHONPATH=..:. python test_written_looks.py
"""

import re
from base64 import b64encode
from datetime import timedelta
from hashlib import sha256
from html import unescape
from pathlib import Path

import pytest
from reports import BARE, DAY, ENTRY, FULL, NOW, REPORT

from papertrack.exports import BUILT_IN, bibtex, citations, render
from papertrack.exports.ascii_latex import ascii_latex
from papertrack.exports.digest import digest
from papertrack.exports.file_names import any_name, ascii_name, paper_name
from papertrack.exports.markdown_notes import as_markdown, as_note
from papertrack.exports.page import _cut, curve, hue
from papertrack.exports.templating import tag, uuid, wrap
from papertrack.models import Match, Observation, Section, State
from papertrack.trending import rank_rising

LOOKS = Path(__file__).with_name("looks")
SPECIAL = ENTRY._replace(
    paper=FULL._replace(
        id="2603.00002",
        title="BERT and {B}races & 100% of <GPT-4> in $x_1$ \\Ångström",
        abstract="A long abstract. " * 40,
        authors=tuple(f"Given{number} Name" for number in range(8)),
        version=None,
        code_url="ftp://example.org/x",
    ),
    state=State(read=True, note="mine"),
    matches=(
        Match("agents", "plan", "abstract", "abstract", 90),
        Match("agents", "long", "abstract", "long", 95),
        Match("graphs", "x", "title", "", 100),
    ),
    related=(),
)
OLD = BARE._replace(
    paper=BARE.paper._replace(id="hep-th/9901001", authors=("A and B", "C, D")),
    observations=tuple(Observation(NOW + timedelta(days=day), 5 + day) for day in range(2)),
)
DOI = BARE._replace(paper=BARE.paper._replace(id="doi:10.1/x-y", abstract="Short."))
EVERYTHING = REPORT._replace(
    sections=(
        Section("New", (ENTRY, SPECIAL, OLD), 1234, kind="new"),
        Section("Trending", (DOI, ENTRY), 2, kind="trending"),
        Section("More", (BARE,), 1, brief=True),
        Section("Other", (), 0, empty_text="Nothing else."),
    ),
    words=frozenset({"plan"}),
)
EMPTY = REPORT._replace(sections=(Section("", (), 0),), failures=(), notes=())
_INLINE = re.compile(r"(<style>|<script>).*?(</style>|</script>)", re.DOTALL)


def _texts():
    for name in BUILT_IN:
        yield name, lambda name=name: "".join(render(name, EVERYTHING))
        yield (
            f"{name}-sample",
            lambda name=name: "".join(render(name, EVERYTHING._replace(sample=True))),
        )
        yield f"{name}-empty", lambda name=name: "".join(render(name, EMPTY))
    options = {"title": "Title", "day": DAY, "editable": True, "abstracts": True}
    yield "md-kept", lambda: "".join(as_markdown(EVERYTHING, **options))
    yield "md-abstracts", lambda: "".join(as_markdown(EVERYTHING, abstracts=True))
    yield "md-digest", lambda: "".join(as_markdown(digest(EVERYTHING)))
    logseq = options | {"ticks": "logseq"}
    yield "md-logseq", lambda: "".join(as_markdown(EVERYTHING, **logseq))
    tagged = ENTRY._replace(state=State(tags=("agents", "to cite"), note="100% mine"))
    with_notes = REPORT._replace(sections=(Section("", (tagged, BARE), 2),))
    for name in ("bibtex", "ris"):
        yield f"{name}-notes", lambda name=name: "".join(render(name, with_notes, notes=True))
    yield "note", lambda: "".join(as_note(EVERYTHING, DAY))
    yield "note-empty", lambda: "".join(as_note(EMPTY, DAY))
    yield "atom-title", lambda: "".join(render("atom", EMPTY, title="Own"))
    yield (
        "table",
        lambda: "".join(
            f"{name} | {spec.extension} | {spec.purpose}\n" for name, spec in BUILT_IN.items()
        ),
    )


TEXTS = dict(_texts())


def _text(name):
    """The text of an export, without the style and script of a page."""
    return re.sub(r"sha256-[\w+/=]+", "sha256-…", _INLINE.sub(r"\1…\2", TEXTS[name]()))


@pytest.mark.parametrize("name", TEXTS)
def test_an_export_equals_its_golden_text(name):
    assert _text(name) == (LOOKS / f"{name}.txt").read_text(encoding="utf-8")


def test_every_golden_text_belongs_to_an_export():
    assert {path.stem for path in LOOKS.iterdir()} == {*TEXTS}


def test_a_page_allows_only_its_own_style_and_script():
    page = "".join(render("html", EMPTY))
    for kind in ("style", "script"):
        (inside,) = re.findall(f"<{kind}>(.*?)</{kind}>", page, re.DOTALL)
        digits = b64encode(sha256(inside.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digits}'" in unescape(page)


def test_a_name_starts_with_the_readable_part_of_an_id():
    assert paper_name("2603.10165") == "2603.10165"
    assert paper_name("hep-th/9901001") == "hep-th-9901001"
    for paper_id in ("arXiv:2603.10165", "2603.10165v2"):
        assert re.fullmatch(f"{ascii_name(paper_id)}-[0-9a-f]{{10}}", paper_name(paper_id))


def test_a_name_has_60_characters_and_a_checksum_of_10_digits():
    assert re.fullmatch("x{60}-[0-9a-f]{10}", any_name("x" * 80))
    assert re.fullmatch("[0-9a-f]{10}", any_name("大"))
    assert any_name("a.-").startswith("a-")
    assert ascii_name(".É a--b.") == "E-a-b"


def test_a_citation_key_has_surname_year_word_and_id():
    paper = {"id": "1706.03762", "title": "On the Attention Is All", "authors": ["A. Vaswaní Jr"]}
    assert citations.citation_key(paper) == "jr2017attention-1706.03762"
    assert citations.citation_key(paper | {"authors": [], "title": "the of"}) == "2017-1706.03762"


REFERRED = {
    "id": "2603.00001",
    "title": "On $\\beta$-VAEs.",
    "authors": ["Ada One", "Bo Two", "Cy Three"],
    "version": 2,
    **dict.fromkeys(("journal_ref", "venue", "doi", "submitted", "announced")),
    "listed": {},
}


@pytest.mark.parametrize(
    ("fields", "reference"),
    [
        (
            {},
            (
                "Ada One, Bo Two and Cy Three. On β-VAEs. arXiv:2603.00001v2, 2026."
                " https://arxiv.org/abs/2603.00001"
            ),
        ),
        (
            {"authors": [r"Ad\'a One"], "journal_ref": "JMLR 27 (2026) 1-9", "doi": "10.1/x"},
            "Adá One. On β-VAEs. JMLR 27 (2026) 1-9. https://doi.org/10.1/x",
        ),
        (
            {"authors": [], "venue": "ICML", "version": None},
            "On β-VAEs. ICML, 2026. https://arxiv.org/abs/2603.00001",
        ),
        (
            {"authors": [f"A {number}" for number in range(11)], "id": "cran:12"},
            "A 0, A 1, A 2, A 3, A 4, A 5, A 6, A 7, A 8, A 9, et al. On β-VAEs.",
        ),
    ],
)
def test_a_reference_as_text_is_one_line(fields, reference):
    assert citations.text_reference(REFERRED | fields) == reference


@pytest.mark.parametrize(
    ("paper_id", "year"),
    [("1706.03762", "2017"), ("hep-th/9101001", "1991"), ("0704.0001", "2007")],
)
def test_an_arxiv_id_gives_the_year(paper_id, year):
    assert citations.year({"id": paper_id}) == year


DATES = {
    "id": "cran:1",
    "submitted": None,
    "announced": None,
    "listed": {"a": "2026-03-02", "b": "2026-03-01"},
    "first_seen": "2026-03-05T01:00:00Z",
    "updated": None,
}


def test_the_dates_of_a_citation_are_the_earliest_stored():
    assert (citations.first_day(DATES), citations.year(DATES)) == ("2026-03-01", "2026")
    assert citations.first_day(DATES | {"submitted": "2025-12-31T23:00:00Z"}) == "2025-12-31"
    assert citations.published(DATES) == "2026-03-01T00:00:00Z"
    assert citations.published(DATES | {"listed": {}}) == "2026-03-05T01:00:00Z"
    for updated, last in (("2026-03-09", "2026-03-09"), ("2026-01-01", "2026-03-01")):
        paper = DATES | {"updated": f"{updated}T00:00:00Z"}
        assert citations.last_changed(paper) == f"{last}T00:00:00Z"


def test_no_year_is_known_of_a_paper_without_dates_but_its_citation_key_has_one():
    """The day on which papertrack saw it says nothing about the paper; keys never change."""
    paper = DATES | {"listed": {}, "title": "Nests", "authors": []}
    assert (citations.first_day(paper), citations.year(paper)) == ("", "")
    assert citations.citation_key(paper).startswith("2026nests-")


def test_bibtex_keeps_capitals_of_titles_and_commas_of_names():
    assert bibtex.bibtex_title("Deep BERT Élan aB") == r"Deep {BERT} {\'E}lan {aB}"
    assert bibtex.bibtex_title("Deep BERT Élan aB", utf8=True) == "Deep {BERT} Élan {aB}"
    people = bibtex.bibtex_people(["Ada One", "C, D", "Jo and Co", "others"])
    assert people == "Ada One and C, D and {Jo and Co} and {others}"
    assert citations.doi({"doi": "10.1/x"}) == "10.1/x"
    assert citations.doi({"doi": None}) is None


@pytest.mark.parametrize(
    ("title", "protected"),
    [
        ("Vitamin C and hepatitis A in adults", "Vitamin {C} and hepatitis {A} in adults"),
        ("Vitamin C: A Study", "Vitamin {C}: A Study"),
        ("Q-learning in R", "{Q-learning} in {R}"),
        ("LoRA, T5, GPT-4 (and Qwen2)", "{LoRA}, {T5}, {GPT-4} (and {Qwen2})"),
        ("Towards A Theory of Dreams", "Towards A Theory of Dreams"),
        ("Spin waves in a Fermi liquid", "Spin waves in a {Fermi} liquid"),
        ("Sparse graphs. Now with edges that matter", "Sparse graphs. Now with edges that matter"),
        ("Deep Learning for Graphs", "Deep Learning for Graphs"),
        ("“Is ÉCOLE it?” asks", "“Is {ÉCOLE} it?” asks"),
    ],
)
def test_names_in_titles_keep_their_capitals(title, protected):
    assert bibtex.bibtex_title(title, utf8=True) == protected


@pytest.mark.parametrize(
    ("text", "commands"),
    [
        ("Žižek, ế, \u0131, i\u0301, ĭ", r"{\v Z}i{\v z}ek, {\'{\^e}}, {\i}, {\'i}, {\u \i}"),
        ("ǰ, j\u0306", r"{\v \j}, {\u \j}"),
        ("Łódź, Şahin, Ørsted, ß", r"{\L}{\'o}d{\'z}, {\c S}ahin, {\O}rsted, {\ss}"),
        ("Иван, 刘, 🚀, \u200b.", "Ivan, Liu, :rocket:, ."),
        ("β\u0301 \u2013 \u2018x", r"{\ensuremath{\beta}} {\textendash} {\textquoteleft}x"),
    ],
)  # fmt: skip
def test_letters_are_commands_of_latex_or_transliterated(text, commands):
    assert ascii_latex(text) == commands


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Retrieval Augmented", "retrieval-augmented"),
        (" a_b! ", "a-b"),
        ("2026", "topic-2026"),
        ("…", "topic"),
        ("大规模", "大规模"),
    ],
)
def test_a_tag_is_letters_digits_and_hyphens(text, name):
    assert tag(text) == name


def test_text_is_wrapped_at_72_columns_without_breaking_words():
    assert wrap("x" * 36 + " " + "y" * 35) == "x" * 36 + " " + "y" * 35
    assert wrap("x" * 36 + " " + "y" * 36, "  ") == "x" * 36 + "\n  " + "y" * 36
    assert wrap("z" * 100 + " a-b") == "z" * 100 + "\na-b"
    assert wrap("x" * 70 + " a-b") == "x" * 70 + "\na-b"


def test_equal_texts_have_equal_urns():
    assert uuid("a") == uuid("a") != uuid("b")
    assert uuid("a").startswith("urn:uuid:")


def test_a_cut_text_has_whole_words_within_its_length():
    assert _cut("one two", 7) == "one two"
    assert _cut("one two", 6) == "one …"
    assert _cut("onetwo", 3) == "one …"


def test_a_topic_has_one_of_twelve_colours():
    assert {hue(f"topic {number}") for number in range(200)} == set(range(12))


def test_a_curve_spans_the_first_to_the_last_observation():
    observations = [
        Observation(NOW + timedelta(hours=hour), upvotes)
        for hour, upvotes in ((0, 1), (6, 5), (24, 3))
    ]
    drawn = curve(observations)
    assert drawn.path == "M0 17 16 1 60 9"
    assert drawn.words == "Upvotes: 1 on 2026-03-31, 3 on 2026-04-01"
    assert curve(observations[:2]) is None
    assert curve([observations[0]] * 3).path == "M0 17"


def test_a_digest_shows_each_paper_once_topics_first():
    report = digest(EVERYTHING)
    assert [
        (section.title, [entry.paper.id for entry in section.entries], section.total)
        for section in report.sections
    ] == [
        ("agents", ["2603.00001"], 1),
        ("graphs", ["2603.00002"], 1),
        ("The rest", ["hep-th/9901001", "doi:10.1/x-y", "cran:12"], 3),
    ]
    best = SPECIAL._replace(matches=(ENTRY.matches[0]._replace(phrases=2),))
    by_match = EVERYTHING._replace(sections=(Section("", (ENTRY, best), 2),))
    assert digest(by_match).sections[0].entries == [best, ENTRY]
    related = EVERYTHING._replace(sections=(Section("", (BARE, ENTRY._replace(matches=())), 2),))
    assert [section.title for section in digest(related).sections] == [
        "Related to graphs",
        "The rest",
    ]
    assert [(section.title, section.total) for section in digest(EMPTY).sections] == [("", 0)]


def test_a_digest_shows_at_most_ten_rising_papers():
    def risen_entry(number):
        paper = BARE.paper._replace(id=f"2603.{number:05}")
        observations = (Observation(NOW - timedelta(hours=10), 1), Observation(NOW, 5 + number))
        return BARE._replace(paper=paper, observations=observations, listings=ENTRY.listings)

    entries = tuple(map(risen_entry, range(12)))
    assert len(rank_rising(entries, NOW, timedelta(hours=20))) == 12
    report = digest(REPORT._replace(sections=(Section("", entries, 12),)))
    assert [(section.title, section.total) for section in report.sections] == [
        ("Trending", 10),
        ("The rest", 2),
    ]


if __name__ == "__main__":
    LOOKS.mkdir(exist_ok=True)
    for name in TEXTS:
        (LOOKS / f"{name}.txt").write_text(_text(name), encoding="utf-8")
