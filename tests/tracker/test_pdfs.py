"""PDFs of papers: their names, and what is not accepted as one."""

import pytest
from invented import sighting

from papertrack.errors import SourceError, UsageError
from papertrack.merge import from_sighting
from papertrack.sources import connect
from papertrack.sources.arxiv import ArXiv, ArxivSettings
from papertrack.tracker.pdfs import download_pdf, pdf_name

PDF = b"%PDF-1.7\n" + b"x" * 5000 + b"\n%%EOF\n"
TEMPLATE = "{id} {author} {year} {title}"


def name(template=TEMPLATE, **fields):
    return pdf_name(from_sighting(sighting(**fields)), template)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (
            {"title": "Graphs: a View", "authors": ("Ada B. Côté", "Bo Two")},
            "2603.00001 Cote 2026 Graphs-a-View.pdf",
        ),
        (
            {"paper_id": "hep-th/9901001", "title": "../../etc/passwd\x00", "authors": ("../x",)},
            "hep-th-9901001 x 1999 etc-passwd.pdf",
        ),
        ({"title": "图神经网络", "authors": ()}, "2603.00001 2026.pdf"),
        ({"title": "{id} {author.__class__}"}, "2603.00001 2026 id-author.-class.pdf"),
    ],
)
def test_a_name_has_only_safe_characters(fields, expected):
    assert name(**fields) == expected


def test_a_long_title_is_cut_after_a_word_and_a_name_fits_any_file_system():
    long = name(title="graph " * 200, authors=("y" * 500,))
    assert long.endswith("-graph.pdf")
    assert len(long) < 200


@pytest.fixture
def fetch(server, tmp_path):
    """Download the PDF of a paper from the server to a folder that does not exist yet."""
    path = tmp_path / "new/folder/paper.pdf"

    def run(target=path):
        settings = ArxivSettings(pdf_url=server.url_for("/pdf"), delay_seconds=0)
        client = lambda: connect(None, 20)  # noqa: E731
        download_pdf("2603.00001", str(target), ArXiv(settings), client, lambda *_: None)
        return path.read_bytes()

    run.folder = path.parent
    return run


def test_a_pdf_is_downloaded_into_a_new_folder(server, fetch):
    server.expect_request("/pdf/2603.00001").respond_with_data(PDF)
    assert fetch() == PDF
    assert [file.name for file in fetch.folder.iterdir()] == ["paper.pdf"]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"<!DOCTYPE html><title>Are you a robot?</title>", "a web page"),
        (b"busy", "not a PDF"),
        (b"", "not a PDF"),
        (PDF[:-10], "incomplete"),
    ],
)
def test_a_response_that_is_not_a_complete_pdf_is_an_error_and_leaves_nothing(
    server, fetch, body, reason
):
    server.expect_request("/pdf/2603.00001").respond_with_data(body)
    with pytest.raises(SourceError, match=reason) as caught:
        fetch()
    assert caught.value.kind == "not-a-pdf"
    assert list(fetch.folder.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_an_error_of_usage(server, fetch, tmp_path):
    server.expect_request("/pdf/2603.00001").respond_with_data(PDF)
    (tmp_path / "file").write_text("mine")
    with pytest.raises(UsageError, match="cannot write"):
        fetch(tmp_path / "file/paper.pdf")
    assert (tmp_path / "file").read_text() == "mine"
