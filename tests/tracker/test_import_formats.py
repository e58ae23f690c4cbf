"""The same papers in every form of file: layouts of JSON, compression, archives, encodings."""

import gzip
import io
import json
import lzma
import os
import zipfile
from itertools import permutations

import pytest
from invented import NOW, contents

from papertrack.errors import UsageError
from papertrack.library.aliases import stored_ids
from papertrack.library.library import Library
from papertrack.models import State
from papertrack.tracker.import_files import open_contents
from papertrack.tracker.importing import BadEntry, import_file

ROWS = [
    {"id": "2603.00001", "title": "Nests é", "upvotes": 3, "listed": "2026-03-30"},
    {"id": "2603.00002", "title": "Eggs", "authors": ["Ada One"], "listed": "2026-03-31"},
    {"id": "cran:3", "title": 'Wings, "flying" {and} [more]', "state": {"starred": True}},
]
ENVELOPE = {
    "schema": 1,
    "command": "list",
    "generated_at": "2026-03-31T18:00:00Z",
    "data": ROWS,
    "errors": [],
    "notes": ["n"],
}
LINES = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in ROWS)


@pytest.fixture
def library(tmp_path):
    """An empty library in a folder."""
    return Library(str(tmp_path / "library"))


@pytest.fixture
def file(tmp_path):
    """Write a file of bytes or text, and return its path."""

    def write(content, name="papers"):
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return str(path)

    return write


def _titles(library):
    return {entry.paper.id: entry.paper.title for entry in library.all_entries()}


def _assert_all_stored(library, result):
    assert (result.papers, result.new, result.bad) == (3, 3, ())
    assert _titles(library) == {row["id"]: row["title"] for row in ROWS}
    assert library.states() == {"cran:3": State(starred=True)}


@pytest.mark.parametrize(
    "text",
    [
        LINES,
        json.dumps(ENVELOPE),
        json.dumps(ENVELOPE, separators=(",", ":")),
        json.dumps(ENVELOPE, sort_keys=True),
        json.dumps(ENVELOPE, indent=2),
        json.dumps(ENVELOPE, indent="\t", sort_keys=True, ensure_ascii=False),
        "\ufeff\r\n" + json.dumps(ENVELOPE, indent=4).replace("\n", "\r\n"),
        json.dumps(ROWS),
        json.dumps(ROWS, indent=2),
        "\n".join(json.dumps(row, indent=2) for row in ROWS),
        "\n".join(json.dumps(row, indent=2, sort_keys=True) for row in ROWS),
        "\n".join(json.dumps({**ENVELOPE, "data": [row]}) for row in ROWS),
        "\n".join(json.dumps([row], indent=1) for row in ROWS),
        ",\n".join(json.dumps(row) for row in ROWS) + ",\n",
        "".join(json.dumps(row) for row in ROWS),
        "".join(f"\x1e{json.dumps(row)}\n" for row in ROWS),
    ],
)
def test_json_is_read_in_any_layout(library, file, text):
    _assert_all_stored(library, import_file(library, file(text), NOW))


def test_a_single_object_of_several_lines_is_a_paper(library, file):
    assert import_file(library, file(json.dumps(ROWS[0], indent=2)), NOW).new == 1


def test_papers_before_an_error_in_an_array_are_stored(library, file):
    text = json.dumps(ROWS, indent=2).replace('"id": "cran:3"', '"id" "cran:3"')
    result = import_file(library, file(text), NOW)
    assert result.new == 2
    assert result.bad == (BadEntry("entry 3", "not JSON; the rest was not read"),)


def test_a_bad_element_of_an_array_is_skipped(library, file):
    result = import_file(library, file(json.dumps([*ROWS[:1], 7, {"id": "x"}, *ROWS[1:]])), NOW)
    assert result.new == 3
    assert [entry.where for entry in result.bad] == ["entry 2", "entry 3"]


def test_values_longer_than_a_piece_of_the_file_are_read(library, file):
    rows = [{"id": f"2603.{n:05}", "title": "T", "abstract": "x " * 200_000} for n in range(5)]
    assert import_file(library, file(json.dumps(rows, indent=2)), NOW).new == 5


def test_a_huge_element_ends_the_file_but_not_the_papers_before(library, file):
    rows = [*ROWS, {"id": "2603.00009", "title": "T", "abstract": "x" * 9_000_000}, ROWS[0]]
    result = import_file(library, file(json.dumps(rows)), NOW)
    assert (result.new, len(result.bad)) == (3, 1)


_HF_PAPER = {
    "id": "2603.00001",
    "title": "Nests",
    "summary": "Birds build.",
    "authors": [{"name": "Ada One"}],
    "publishedAt": "2026-03-30T10:00:00.000Z",
    "submittedOnDailyAt": "2026-03-31T01:00:00.000Z",
    "upvotes": 5,
}


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(_HF_PAPER),
        json.dumps(_HF_PAPER, indent=2),
        json.dumps([{"paper": _HF_PAPER}], indent=2),
        json.dumps({"paper": _HF_PAPER}),
    ],
)
def test_a_saved_response_of_hugging_face_is_read(library, file, text):
    assert import_file(library, file(text), NOW).new == 1
    entry = library.entries(["2603.00001"])["2603.00001"]
    assert entry.sources == ("huggingface",)
    assert (entry.paper.abstract, entry.latest.upvotes) == ("Birds build.", 5)
    assert str(entry.first_listed_by("huggingface")) == "2026-03-31"


def test_an_impossible_id_of_a_saved_response_is_skipped(library, file):
    result = import_file(
        library, file(json.dumps([_HF_PAPER, _HF_PAPER | {"id": "2703.00001"}])), NOW
    )
    assert (result.new, len(result.bad)) == (1, 1)


def _zipped(**members):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as writer:
        for name, content in members.items():
            writer.writestr(name, content)
    return archive.getvalue()


@pytest.mark.parametrize("text", [LINES, json.dumps(ENVELOPE, indent=2)])
@pytest.mark.parametrize(
    "pack",
    [
        gzip.compress,
        lambda content: gzip.compress(content[:50]) + gzip.compress(content[50:]),
        lzma.compress,
        lambda content: lzma.compress(content[:50]) + lzma.compress(content[50:]) + b"\0" * 4,
        lambda content: _zipped(papers=content),
    ],
)
def test_compressed_files_are_recognised_by_their_content(library, file, pack, text):
    _assert_all_stored(library, import_file(library, file(pack(text.encode())), NOW))


def test_all_files_of_an_archive_are_imported_except_hidden_ones(library, file):
    lines = LINES.splitlines(keepends=True)
    members = {"a/": "", "a/1.jsonl": lines[0] + "{", "__MACOSX/1.jsonl": "x", "a/.DS_Store": "x"}
    members |= {"2.json": json.dumps([ROWS[1], ROWS[2]])}
    result = import_file(library, file(_zipped(**members)), NOW)
    assert (result.papers, result.new) == (3, 3)
    assert result.bad == (BadEntry("a/1.jsonl line 2", "not JSON"),)


@pytest.mark.parametrize(
    "content",
    [
        gzip.compress(LINES.encode())[:-9],
        lzma.compress(LINES.encode())[:-30],
        _zipped(papers=LINES)[:-30],
        b"\x1f\x8b" + b"x" * 100,
        b"\xfd7zXZ\x00" + b"x" * 100,
        b"PK\x03\x04" + b"x" * 100,
    ],
)
def test_a_damaged_file_is_a_usage_error_and_stores_nothing(library, file, content):
    with pytest.raises(UsageError, match="is damaged or incomplete"):
        import_file(library, file(content), NOW)
    assert library.paper_count() == 0


@pytest.mark.parametrize(
    "pack",
    [
        lambda blanks: gzip.compress(blanks, 1),
        lambda blanks: lzma.compress(blanks, preset=0),
        lambda blanks: _zipped(a=blanks[: len(blanks) // 2], b=blanks[len(blanks) // 2 :]),
    ],
)
def test_a_file_that_grows_without_bounds_is_refused(file, pack):
    path = file(pack(b" " * (51 << 20)))
    with pytest.raises(UsageError, match="too large when unpacked"):
        for _ in open_contents(path):
            pass


@pytest.mark.parametrize("text", [LINES, LINES.replace("\n", "\r\n"), json.dumps(ENVELOPE)])
@pytest.mark.parametrize(
    "encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig", "cp1252"]
)
def test_text_is_read_in_any_encoding(library, file, text, encoding):
    content = text.encode("latin-1").decode("cp1252") if encoding == "cp1252" else text
    _assert_all_stored(library, import_file(library, file(content.encode(encoding)), NOW))


def test_a_line_in_windows_1252_among_lines_in_utf_8_is_read(library, file):
    rows = [{"id": f"a:{number}", "title": "é “x”"} for number in range(2)]
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    path = file(lines[0].encode() + b"\n" + lines[1].encode("cp1252"))
    assert import_file(library, path, NOW).new == 2
    assert set(_titles(library).values()) == {"é “x”"}


@pytest.mark.parametrize("seconds", [0, 1_000_000_000, NOW.timestamp() + 10_000])
def test_the_same_content_changes_nothing_whatever_the_time_of_the_file(
    library, file, tmp_path, seconds
):
    path = file(LINES)
    import_file(library, path, NOW)
    before = contents(tmp_path / "library")
    os.utime(path, (seconds, seconds))
    again = import_file(Library(library.folder), path, NOW)
    assert (again.papers, again.new, again.changed) == (3, 0, 0)
    packed = import_file(library, file(gzip.compress(LINES.encode())), NOW)
    assert (packed.new, packed.changed) == (0, 0)
    assert contents(tmp_path / "library") == before


def test_search_and_rescue_is_one_keyword(library, file):
    row = {"id": "2603.00001", "title": "T", "keywords": "search and rescue, drones"}
    import_file(library, file(json.dumps(row)), NOW)
    (entry,) = library.all_entries()
    assert entry.paper.keywords == ("search and rescue", "drones")


def test_one_paper_never_becomes_two_by_the_form_of_its_id(library, file):
    forms = ["2603.00001", "10.48550/arXiv.2603.00001", "https://arxiv.org/src/2603.00001v2"]
    text = "".join(json.dumps({"id": form, "title": "T"}) + "\n" for form in forms)
    assert import_file(library, file(text), NOW)[:3] == (3, 1, 0)


_BIBTEX = """@article{wren, title={N{\\'e}sts}, eprint={2603.00001}, doi={10.1/x}, journal={J}}
@misc{stork, title={Eggs}, author={Stork, Bo}, year=2019}
@misc{, title={}}
"""
_RIS = """TY  - JOUR
TI  - Nésts
UR  - https://arxiv.org/abs/2603.00001
DO  - 10.1/x
JO  - J
ER  -
"""


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("text", [_BIBTEX, _BIBTEX.replace("{\\'e}", "é"), _RIS])
def test_bibliographies_are_imported(library, file, text, encoding):
    result = import_file(library, file(gzip.compress(text.encode(encoding))), NOW)
    assert result.new == (1 if text == _RIS else 2)
    paper = library.entries(["2603.00001"])["2603.00001"].paper
    assert (paper.title, paper.doi, paper.venue) == ("Nésts", "10.1/x", "J")
    again = import_file(library, file(text.encode(encoding)), NOW)
    assert (again.new, again.changed) == (0, 0)


def test_a_bad_entry_of_a_bibliography_is_skipped_and_named(library, file):
    text = "@misc{a, title={A}}\n@misc{b, year=2019}\n@misc{c, title={C\n@misc{d, title={D}}\n"
    result = import_file(library, file(text), NOW)
    assert sorted(_titles(library)) == ["bib:a", "bib:d"]
    assert [entry.where for entry in result.bad] == ["line 2", "line 3"]


@pytest.mark.parametrize("text", ["@misc{a, title={A", "TY  - JOUR\nER  - \n"])
def test_a_bibliography_without_papers_is_a_usage_error(library, file, text):
    with pytest.raises(UsageError, match="contains no papers"):
        import_file(library, file(text), NOW)


@pytest.mark.parametrize("order", [1, -1])
def test_an_entry_with_the_doi_of_a_published_paper_is_that_paper(library, file, order):
    preprint = {"id": "2603.00001", "title": "Nests", "doi": "10.1/N"}
    article = {"id": "https://doi.org/10.1/n", "title": "Nests", "venue": "J"}
    rows = [preprint, article, {"id": "doi:10.1/other", "title": "Other"}][::order]
    import_file(library, file(json.dumps(rows[:2] if order > 0 else rows)), NOW)
    import_file(library, file("\n".join(map(json.dumps, rows))), NOW)
    assert sorted(_titles(library)) == ["2603.00001", "doi:10.1/other"]
    assert library.entries(["2603.00001"])["2603.00001"].paper.venue == "J"


BIBTEX = "@article{wren17, title={Nets and Birds}, author={Wren, Ada}, year=2017}"
WITH_DOI = BIBTEX.replace("year", "doi={10.1/NB}, year")
WITH_EPRINT = BIBTEX.replace("year=2017", "eprint={1701.00001}, year=2018")
ON_ARXIV = '{"id": "1701.00001", "title": "Nets & birds", "doi": "10.1/nb", "upvotes": 2}'


@pytest.mark.parametrize("texts", [*permutations((BIBTEX, WITH_DOI, ON_ARXIV))])
def test_a_paper_that_comes_by_key_by_doi_and_from_arxiv_is_one(library, file, texts):
    for text in texts:
        import_file(library, file(text), NOW)
    assert list(_titles(library)) == ["1701.00001"]
    for text in texts:
        assert import_file(library, file(text), NOW)[1:3] == (0, 0)
    ids = ["bib:wren17", "doi:10.1/nb"]
    assert stored_ids(library, ids) == dict.fromkeys(ids, "1701.00001")


@pytest.mark.parametrize("texts", [*permutations((BIBTEX, WITH_EPRINT))])
def test_a_key_stands_for_the_arxiv_paper_that_another_file_gives_it(library, file, texts):
    for text in (*texts, *texts):
        import_file(library, file(text), NOW)
    assert list(_titles(library)) == ["1701.00001"]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        (BIBTEX.replace("Birds", "Fish"), 2),
        (BIBTEX.replace("2017", "2019"), 2),
        (BIBTEX.replace("{Nets and", "{{N}ets and "), 1),
        (BIBTEX.replace(", year=2017", ""), 1),
        (BIBTEX.replace("Birds", "Fish").replace("year", "doi={10.1/f}, year"), 2),
        ("TY  - JOUR\nID  - wren17\nTI  - Nets and fish\nPY  - 2017\nER  - \n", 2),
        ("TY  - JOUR\nID  - wren17\nTI  - Nets and Birds\nPY  - 2017\nER  - \n", 1),
    ],
)
def test_a_key_of_two_files_is_one_paper_if_title_and_year_agree(library, file, text, number):
    for content in (BIBTEX, text):
        import_file(library, file(content), NOW)
    titles = _titles(library)
    assert len(titles) == number
    assert titles["bib:wren17"] == "Nets and Birds"
    for content in (BIBTEX, text, BIBTEX):
        assert import_file(library, file(content), NOW)[1:3] == (0, 0)


def test_entries_of_one_file_with_the_same_key_are_all_read(library, file):
    other = '@string{j = "Journal of Nests"}\n' + BIBTEX.replace(
        "Birds", "Fish, journal=j"
    ).replace("Fish, journal=j}", "Fish}, journal=j")
    twice = BIBTEX.replace("wren17", "b").replace("year", "title={Other}, year")
    result = import_file(library, file(f"{BIBTEX}\n{other}\n{BIBTEX}\n{twice}"), NOW)
    assert (result.papers, result.bad) == (4, ())
    assert sorted(_titles(library).values()) == [
        "Nets and Birds",
        "Nets and Birds",
        "Nets and Fish",
    ]
    assert "Journal of Nests" in {entry.paper.venue for entry in library.all_entries()}


def test_marks_of_an_import_are_those_of_the_stored_paper(library, file):
    import_file(library, file(ON_ARXIV), NOW)
    marked = {"id": "doi:10.1/nb", "title": "Nets", "state": {"starred": True, "note": "N"}}
    import_file(library, file(json.dumps(marked)), NOW)
    assert library.states() == {"1701.00001": State(starred=True, note="N")}
