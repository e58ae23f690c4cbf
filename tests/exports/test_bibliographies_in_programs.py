"""Exported bibliographies in the programs that read them: BibTeX, Biber, parsers.

The sample of real papers is small; with `-m slow` it has a thousand.
"""

import json
import lzma
import random
import re
from itertools import islice
from unicodedata import normalize

import bibtexparser
import pytest
from bibtexparser.middlewares import SeparateCoAuthors, SplitNameParts
from export_reports import entry, render_papers
from outside_programs import npm_package, run
from pylatexenc.latex2text import LatexNodes2Text

from papertrack.people import author_names, parse_name
from papertrack.text import readable

STYLES = ("plain", "alpha", "abbrv", "plainnat")
NAMES = (
    ("Max Grün", "Łukasz Kaiser"),
    ("Kimi Team", "A B"),
    ("Roberto M. Cesar Jr.", "Jan van der Berg"),
    ("Žarko Đorđe", "Şahin Çelik", "Zoë Ångström", "María Ñuñez i Ortega y Gasset"),
    ("ATLAS Collaboration",),
    ("Nguyễn Thị Minh", "Ludwig van Beethoven", "others"),
    ("Иван Петров", "刘洋", "Ada O'Neill", "A. {Brace", "Jo & Co"),
    (),
)
TITLES = (
    "Vitamin C and Q-learning in R: A survey \u2013 of “quotes”",
    "H$_2$O & 100% of {LoRA} at 5 °C ≥ β",
    "大规模语言模型的检索增强生成综述 🚀",
    "A \\textbf{bold} claim on $\\mathcal{O}(n^2)$ and $\\H(curl)$",
)
SMALL, LARGE, MOST_AT_ONCE = 40, 1000, 100
_DIGITS = re.compile(r"[\d.]+")


def _invented():
    for number, names in enumerate(NAMES):
        title = TITLES[number % len(TITLES)]
        more = {"comment": "12 pages; see a_b", "venue": "ICML 2026", "doi": "10.1000/a_b%20c"}
        yield entry(title, f"2603.{number:05}", authors=names, **more)
    yield entry("Of another namespace", "doi:10.1000/x_y", authors=("A B",))


def _real(folder, count):
    rows = []
    for file in sorted(folder.glob("*.xz")):
        with lzma.open(file, "rt", encoding="utf-8") as lines:
            # Reading all of a file takes seconds.
            first = list(islice(lines, 20 * count))
            rows += random.Random(24).sample(first, count // 4)
    for row in map(json.loads, rows):
        fields = {"abstract": row["abstract"], "comment": row.get("comment")}
        lists = {
            "authors": author_names(row["authors"]),  # as an import does
            "categories": tuple(row["categories"]),
        }
        yield entry(row["title"], row["id"], **fields, **lists)


@pytest.fixture(
    scope="module", params=["invented", "real", pytest.param("many", marks=pytest.mark.slow)]
)
def papers(request, shared):
    if request.param == "invented":
        return list(_invented())
    return list(_real(shared("data/corpus"), SMALL if request.param == "real" else LARGE))


@pytest.fixture(scope="module")
def bibliography(papers):
    return render_papers("bibtex", papers)


def test_a_bibliography_is_ascii_unless_letters_are_to_stay(papers, bibliography):
    assert bibliography.isascii()
    letters = render_papers("bibtex", papers, utf8=True)
    if any(not entry.paper.title.isascii() for entry in papers):
        assert not letters.isascii()
    keys = re.findall(r"^@misc\{(.*),", bibliography, re.MULTILINE)
    assert keys == re.findall(r"^@misc\{(.*),", letters, re.MULTILINE)


@pytest.mark.parametrize("style", STYLES)
def test_bibtex_has_nothing_to_warn_of(bibliography, style, tmp_path):
    """natbib's own labels end at the 31st paper of one author and year, so not all come at once."""
    (tmp_path / "papers.bib").write_text(bibliography, encoding="utf-8")
    keys = re.findall(r"^@misc\{(.*),", bibliography, re.MULTILINE)
    for start in range(0, len(keys), MOST_AT_ONCE):
        cited = keys[start : start + MOST_AT_ONCE]
        citations = "".join(f"\\citation{{{key}}}\n" for key in cited)
        (tmp_path / "a.aux").write_text(
            f"\\relax\n{citations}\\bibstyle{{{style}}}\n\\bibdata{{papers}}\n"
        )
        code, log = run(["bibtex", "a"], tmp_path)
        assert (code, re.findall("Warning.*|.*rror.*", log)) == (0, [])
        references = (tmp_path / "a.bbl").read_bytes()
        assert references.isascii()
        assert references.count(b"\\bibitem") == len(cited)


def test_biber_has_nothing_to_warn_of_and_reads_every_letter(papers, bibliography, tmp_path):
    (tmp_path / "papers.bib").write_text(bibliography, encoding="utf-8")
    command = ["biber", "--tool", "--validate-datamodel", "--output-file", "out.bib", "papers.bib"]
    code, log = run(command, tmp_path)
    assert (code, re.findall("(?:WARN|ERROR).*", log)) == (0, [])
    read = normalize("NFC", (tmp_path / "out.bib").read_text(encoding="utf-8"))
    letters = {
        letter
        for entry in papers
        for name in entry.paper.authors
        for letter in normalize("NFC", name)
        if "À" <= letter <= "ž"
    }
    assert {letter for letter in letters if letter not in read} == set()


def _plain(text):
    without_braces = LatexNodes2Text().latex_to_text(text).replace("{", "").replace("}", "")
    return normalize("NFC", " ".join(without_braces.split()))


def _family_names(papers):
    """The family names that a program should read, with their particles."""
    return [[_expected(name) for name in entry.paper.authors] for entry in papers]


def _expected(name):
    person = parse_name(name)
    return " ".join(filter(None, (person.particles, person.family)))


def _is_checked(name):
    """Whether the letters of a name have commands, and it has no TeX of its own."""
    return all(ord(letter) < 0x300 and letter not in "{}\\$&" for letter in name)


def _assert_families(read, papers):
    expected = _family_names(papers)
    assert list(map(len, read)) == list(map(len, expected))
    pairs = [
        (family, right)
        for families, rights in zip(read, expected, strict=True)
        for family, right in zip(families, rights, strict=True)
        if _is_checked(right)
    ]
    assert [pair for pair in pairs if pair[0] != pair[1]] == []
    assert pairs


def test_pybtex_reads_every_family_name(papers, bibliography):
    database = pytest.importorskip("pybtex.database", reason="pip install pybtex")
    parsed = database.parse_string(bibliography, "bibtex")
    read = [
        [_plain(" ".join(person.prelast_names + person.last_names)) for person in persons]
        for persons in (item.persons.get("author", []) for item in parsed.entries.values())
    ]
    _assert_families(read, papers)


def test_bibtexparser_reads_every_family_name(papers, bibliography):
    layers = [SeparateCoAuthors(), SplitNameParts()]
    library = bibtexparser.parse_string(bibliography, append_middleware=layers)
    assert library.failed_blocks == []
    people = [dict(item.items()).get("author", []) for item in library.entries]
    read = [[_plain(" ".join(name.von + name.last)) for name in names] for names in people]
    _assert_families(read, papers)


def test_the_parser_of_zotero_s_better_bibtex_reads_every_family_name(
    papers, bibliography, tmp_path
):
    module = npm_package("@retorquere/bibtex-parser") / "dist" / "esm" / "index.js"
    (tmp_path / "papers.bib").write_text(re.sub("\n  abstract.*", "", bibliography))
    (tmp_path / "parse.mjs").write_text(
        f"""import {{ parse }} from {json.dumps(str(module))}
        import {{ readFileSync }} from "fs"
        console.log(JSON.stringify(parse(readFileSync("papers.bib", "utf8"), {{}}).entries))"""
    )
    code, text = run(["node", "parse.mjs"], tmp_path)
    assert code == 0, text
    read = [
        [
            normalize("NFC", " ".join(filter(None, map(name.get, ("prefix", "lastName", "name")))))
            for name in item["fields"].get("author", [])
        ]
        for item in json.loads(text)
    ]
    _assert_families(read, papers)


def _zotero_items(text):
    """The items that Zotero's translator makes of RIS, by its rules in our own words.

    A line is two letters or digits, two spaces, a hyphen and a space; any other line continues the
    value before. A name with a comma is a person, family name first; one without is a group. A type
    that is not in its list becomes a journal article.
    """
    types = {"MANSCPT": "manuscript", "JOUR": "journalArticle", "RPRT": "report"}
    items, item, tag = [], {}, ""
    for line in text.split("\n"):
        if found := re.fullmatch(r"([A-Z][A-Z0-9])  - ?(.*)", line):
            tag, value = found.groups()
            if tag == "TY":
                item = {"type": types.get(value, "journalArticle"), "creators": []}
            elif tag == "ER":
                items.append(item)
            elif tag == "AU":
                item["creators"].append(tuple(value.split(", ", 2)))
            else:
                item.setdefault(tag, []).append(value)
        else:
            assert not line.strip() or tag != "ER", "a line that is in no item"
            if line.strip():
                item[tag][-1] += line
    return items


def test_zotero_reads_people_and_groups_of_ris_as_manuscripts(papers):
    items = _zotero_items(render_papers("ris", papers))
    assert [item["type"] for item in items] == ["manuscript"] * len(papers)
    for item, paper in zip(items, papers, strict=True):
        assert len(item["creators"]) == len(paper.paper.authors)
        for creator, name in zip(item["creators"], paper.paper.authors, strict=True):
            person = parse_name(readable(name))
            is_whole = person.is_group or not person.given
            assert (len(creator) == 1) == is_whole, name
            if not is_whole:
                assert creator[0] == " ".join(filter(None, (person.particles, person.family)))
        assert len(item["UR"]) == 1
        assert item.get("DO", [])[1:] == []


def test_addresses_and_identifiers_are_verbatim():
    papers = [entry("T", doi="10.1000/a_b%20c#d"), entry("T", "doi:10.1000/x_{y}")]
    text = render_papers("bibtex", papers)
    assert "  doi = {10.1000/a_b%20c#d}," in text
    assert "  eprint = {2603.00001}," in text
    assert "  doi = {10.1000/x_%7By%7D}," in text
    assert len(bibtexparser.parse_string(text).entries) == len(papers)


def test_groups_are_in_double_braces_and_a_suffix_has_its_place():
    text = render_papers("bibtex", [entry("T", authors=("Kimi Team", "Roberto M. Cesar Jr."))])
    assert "  author = {{Kimi Team} and Cesar, Jr., Roberto M.}," in text
    assert "  author = {{ATLAS Collaboration}}," in render_papers(
        "bibtex", [entry("T", authors=("ATLAS Collaboration",))]
    )


def test_comment_and_venue_are_note_and_howpublished():
    text = render_papers("bibtex", [entry("T", comment="9 pages, 50% new", venue="ICML 2026")])
    assert "  howpublished = {ICML 2026},\n  note = {9 pages, 50\\% new}," in text
