"""Reading BibTeX and RIS."""

import subprocess
import sys
from typing import NamedTuple

import pytest

from papertrack import log
from papertrack.bibliography import format_of, read_papers
from papertrack.models import Skipped


class _ListWriter(NamedTuple):
    """A log in memory: the name, position and exception of each event."""

    events: list

    def write(self, level, name, facts, error=None):
        del level
        self.events.append((name, facts["where"], type(error)))

    def hide(self, *secrets):
        raise NotImplementedError


def _bibtex(fields, key="wren2019", kind="article"):
    (paper,) = read_papers(f"@{kind}{{{key}, title = {{Nests}}, {fields}}}", "BibTeX")
    return paper


def _ris(*lines):
    (paper,) = read_papers("\n".join(("TY  - JOUR", *lines, "ER  - ", "")), "RIS")
    return paper


@pytest.mark.parametrize(
    ("content", "form"),
    [
        (b"@article{a, title={T}}", "BibTeX"),
        (b"% comment\n\n  @InProceedings { a, title={T}}", "BibTeX"),
        (b"\xef\xbb\xbf@misc(a, title={T})", "BibTeX"),
        (b"TY  - JOUR\r\nER  - ", "RIS"),
        (b"\xef\xbb\xbfTY  - JOUR", "RIS"),
        (b'{"id": "2603.00001", "title": "T"}\n@misc{a,', None),
        (b'["@misc{a,"]', None),
        (b"mail me@example.org {now}", None),
        (b"", None),
    ],
)
def test_the_format_is_recognised_by_the_first_entry(content, form):
    assert format_of(content) == form


@pytest.mark.parametrize(
    ("fields", "paper_id"),
    [
        ("eprint = {2603.00001v2}, archivePrefix = {arXiv}", "2603.00001"),
        ("eprint = {hep-th/9901001}", "hep-th/9901001"),
        ("eprint = {2603.00001}, eprinttype = {arxiv}, doi = {10.1/x}", "2603.00001"),
        ("doi = {10.48550/arXiv.2603.00001}", "2603.00001"),
        ("url = {https://arxiv.org/abs/2603.00001}, doi = {10.1/x}", "2603.00001"),
        ("journal = {arXiv preprint arXiv:2603.00001}", "2603.00001"),
        ("note = {arXiv:2603.00001 [cs]}", "2603.00001"),
        (r"doi = {https://doi.org/10.1/X\_Y}", "doi:10.1/x_y"),
        ("url = {https://doi.org/10.1/x}", "doi:10.1/x"),
        ("eprint = {2603.00001}, eprinttype = {hal}, doi = {10.1/x}", "doi:10.1/x"),
        ("volume = {1912.00001}", "bib:wren2019"),
        ("note = {follows arXiv:2603.00001 and arXiv:2603.00002}", "bib:wren2019"),
        ("year = 2019", "bib:wren2019"),
    ],
)
def test_an_entry_has_its_arxiv_id_or_doi_or_key(fields, paper_id):
    assert _bibtex(fields)["id"] == paper_id


def test_a_key_with_slashes_becomes_an_id():
    assert _bibtex("", key="DBLP:conf/x/Wren19")["id"] == "bib:DBLP:conf-x-Wren19"


def test_tex_becomes_text_and_formulas_stay():
    (paper,) = read_papers(
        r"""@string{jn = "J. Nests"}
        @article{a,
          title = {{BERT} na{\"i}vely \emph{finds} 50% of $n^2$ nests --- or 60\%},
          author = {G{\"o}del, Kurt and Bo Stork and {The Nest Team} and Tern, Jr., Cy and others},
          journal = jn, month = may, year = 2019, keywords = {search and rescue, eggs},
          doi = {10.1/x}}""",
        "BibTeX",
    )
    assert paper["title"] == "BERT naïvely finds 50% of $n^2$ nests — or 60%"
    assert paper["authors"] == ["Kurt Gödel", "Bo Stork", "The Nest Team", "Cy Tern Jr."]
    assert paper["keywords"] == ["search and rescue", "eggs"]
    assert (paper["venue"], paper["doi"]) == ("J. Nests", "10.1/x")
    assert paper["submitted"] == "2019-05-01T00:00:00Z"


@pytest.mark.parametrize(
    ("tex", "title"),
    [
        (r"See \href{http://x.example}", "See http://x.example"),
        (r"The \sqrt law of \undefined{x}", r"The \sqrt law of \undefined{x}"),
        (r"A \LaTeX{} guide", "A LaTeX guide"),
        (r"Use \texttt{foobar} now", "Use foobar now"),
        (r"The \textbackslash{} sign", "The \\ sign"),
        (r"{Nests, eggs of {$n^2$} \emph{large} birds}", "Nests, eggs of $n^2$ large birds"),
        ("{" + "{Nests}, " * 200 + "}", ("Nests, " * 200).strip()),
    ],
)
def test_no_word_of_tex_is_lost_and_what_cannot_be_read_stays(tex, title):
    (paper,) = read_papers(f"@misc{{a, title = {{{tex}}}}}", "BibTeX")
    assert paper["title"] == title


def test_names_with_commands_and_commas_in_braces_are_read():
    names = _bibtex(r"author = {\href{x} and {Nest Team, Inc.} and {\'E}tern, Cy}")["authors"]
    assert names == ["x", "Nest Team, Inc.", "Cy Étern"]


@pytest.fixture
def bad_entry():
    number = "9" * 5000  # more digits than Python reads
    return f"@misc{{a, title={{A}}, eprint={{2603.00001}}, version={{{number}}}}}"


def test_an_entry_that_cannot_be_read_does_not_stop_the_others(bad_entry):
    skipped, paper = read_papers(f"{bad_entry}\n@misc{{b, title={{B}}}}", "BibTeX")
    assert (skipped.where, paper["title"]) == ("line 1", "B")


def test_an_entry_that_cannot_be_read_is_logged_with_its_exception(bad_entry):
    """Otherwise a bug of papertrack would look like a bad file."""
    writer = _ListWriter([])
    log.enable(writer)
    try:
        list(read_papers(bad_entry, "BibTeX"))
    finally:
        log.disable()
    assert writer.events == [("skipped", "line 1", ValueError)]


@pytest.mark.parametrize(
    ("fields", "submitted"),
    [
        ("date = {2019-05-03}", "2019-05-03T00:00:00Z"),
        ("year = {2019}", "2019-01-01T00:00:00Z"),
        ("year = {2019}, month = {11}", "2019-11-01T00:00:00Z"),
        ("year = {2019}, month = {99}", "2019-12-01T00:00:00Z"),
        ("year = {in press}", None),
        ("", None),
    ],
)
def test_the_date_of_publication_is_as_exact_as_the_entry(fields, submitted):
    assert _bibtex(fields)["submitted"] == submitted


def test_a_preprint_has_neither_venue_nor_date_of_its_own():
    """arXiv's date is exact, and arXiv is no journal."""
    paper = _bibtex("eprint = {2603.00001}, journal = {ArXiv}, year = 2026, primaryClass = {cs.CL}")
    assert paper["venue"] is None
    assert "submitted" not in paper
    assert paper["categories"] == ["cs.CL"]


def test_broken_entries_are_skipped_with_their_lines_but_repeated_keys_are_not(capfd):
    text = "@misc{a, title={A}}\n@misc{broken, title={\n@misc{a, title={B}}\n@misc{c, title={C}}\n"
    read = list(read_papers(text, "BibTeX"))
    assert [paper["title"] for paper in read if isinstance(paper, dict)] == ["A", "C", "B"]
    assert [skipped.where for skipped in read if isinstance(skipped, Skipped)] == ["line 2"]
    assert capfd.readouterr() == ("", "")


def test_ris_is_read():
    paper = _ris(
        *("TI  - Nests", "AU  - Wren, Ada", "AU  - Tern, Cy, Jr.", "AU  - The Nest Team"),
        *(
            "PY  - 2019",
            "DA  - 2019/05/03/",
            "JO  - J. Nests",
            "DO  - 10.1/X",
            "AB  - Two",
            "lines",
        ),
        *("KW  - search and rescue", "KW  - eggs", "UR  - https://example.org/nests"),
    )
    assert paper["id"] == "doi:10.1/x"
    assert paper["authors"] == ["Ada Wren", "Cy Tern Jr.", "The Nest Team"]
    assert paper["keywords"] == ["search and rescue", "eggs"]
    assert paper["abstract"] == "Two lines"
    assert (paper["venue"], paper["doi"]) == ("J. Nests", "10.1/x")
    assert paper["submitted"] == "2019-05-03T00:00:00Z"
    assert paper["project_url"] == "https://example.org/nests"


@pytest.mark.parametrize(
    ("line", "paper_id"),
    [
        ("UR  - https://arxiv.org/abs/2603.00001v1", "2603.00001"),
        ("AN  - arXiv:2603.00001", "2603.00001"),
        ("DO  - 10.48550/ARXIV.2603.00001", "2603.00001"),
        ("JO  - arXiv:2603.00001", "2603.00001"),
        ("ID  - wren19", "bib:wren19"),
        ("PY  - 2019", "bib:Nests-of-Herons"),
    ],
)
def test_an_entry_of_ris_has_an_id(line, paper_id):
    assert _ris("T1  - Nests of Herons", line)["id"] == paper_id


def test_the_last_entry_of_ris_needs_no_end():
    text = "TY  - JOUR\nTI  - A\nER  - \nTY  - JOUR\nTI  - B\n"
    assert [paper["title"] for paper in read_papers(text, "RIS")] == ["A", "B"]


@pytest.mark.parametrize("line_end", ["\n", "\r", "\r\n"])
def test_records_of_ris_are_read_each_for_itself_whatever_ends_their_lines(line_end):
    """One has no title, one no end, and there is text between them."""
    lines = (
        *("Exported", "TY  - JOUR", "TI  - A", "ER  - ", "TY  - JOUR", "AU  - Wren, Ada", "ER  - "),
        *("more", "TY  - JOUR", "TI  - B", "TY  - JOUR", "TI  - C", "ER  - "),
    )
    text = line_end.join(lines)
    assert format_of(text.encode()) == "RIS"
    first, untitled, *others = read_papers(text, "RIS")
    assert untitled == Skipped("entry 2", "no title")
    assert [paper["title"] for paper in (first, *others)] == ["A", "B", "C"]


@pytest.mark.parametrize(
    ("form", "package"),
    [("BibTeX", "bibtexparser"), ("RIS", "rispy")],
)
def test_without_the_package_the_error_says_how_to_install_it(form, package):
    code = f"""
import sys
sys.modules["{package}"] = None
from papertrack.bibliography import read_papers
from papertrack.errors import UsageError
try:
    list(read_papers("", "{form}"))
except UsageError as error:
    sys.stdout.write(str(error.lines()))
"""
    command = [sys.executable, "-c", code]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert f"the package {package} is not installed" in output
    assert "pip install 'papertrack-cli[import]'" in output
