"""`papertrack pdf`, against a real server."""

import os
import resource
import sys
from datetime import datetime

import pytest

PDF = b"%PDF-1.7\n" + b"x" * 50_000 + b"\n%%EOF\n"


@pytest.fixture
def downloader(owner, server):
    """A program with papers, whose arXiv is the server."""
    url = server.url_for("/pdf")
    owner.configure(
        f"sources: {{arxiv: {{pdf_url: '{url}', categories: [cs.CL], delay_seconds: 0}}}}\n"
        "pdf: {folder: ../../pdfs, name: '{id} {year}'}"
    )
    return owner


def test_a_pdf_is_downloaded_once_and_its_path_is_printed(downloader, server):
    server.expect_ordered_request("/pdf/2603.00001").respond_with_data(PDF)
    path = downloader.home / "pdfs/2603.00001 2026.pdf"
    first, second = downloader("pdf", "2603.00001"), downloader("pdf", "2603.00001")
    assert (first.code, first.out) == (second.code, second.out) == (0, f"{path}\n")
    assert path.read_bytes() == PDF
    assert "downloaded before" in second.err


def test_a_paper_that_fails_does_not_stop_the_others(downloader, server):
    server.expect_request("/pdf/2603.00001").respond_with_data("no such paper", status=404)
    server.expect_request("/pdf/2603.00002").respond_with_data(PDF)
    run = downloader("pdf", "2603.00001", "2603.00002", "--to", "here")
    assert run.code == 3
    assert run.out == "here/2603.00002 2026.pdf\n"
    assert "2603.00001" in run.err
    assert downloader("pdf", "2603.00001").code == 4


def test_a_paper_without_a_pdf_is_an_error_before_anything_is_downloaded(downloader):
    run = downloader("pdf", "2603.00001", "cran:12")
    assert (run.code, run.out) == (2, "")
    assert "cran:12" in run.err


def test_unfinished_downloads_of_a_month_ago_are_removed_and_those_of_others_stay(
    downloader, server
):
    server.expect_request("/pdf/2603.00001").respond_with_data(PDF)
    folder = downloader.home / "here"
    folder.mkdir()
    names = [
        f".papertrack-{name}.part{end}" for name in ("old", "new") for end in ("", ".validator")
    ]
    for name in (*names, ".papertrack-orphan.part.validator", "others.pdf.part"):
        (folder / name).write_text("x")
        days = 1 if "-new." in name else 31
        at = datetime.fromisoformat(downloader.now).timestamp() - days * 86400
        os.utime(folder / name, (at, at))
    run = downloader("pdf", "2603.00001", "--to", "here")
    assert run.code == 0
    assert "removed 2 unfinished downloads" in run.err
    left = {path.name for path in folder.iterdir()}
    assert left == {"2603.00001 2026.pdf", "others.pdf.part", *names[2:]}


def _small_files():
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))


@pytest.mark.skipif(sys.platform == "win32", reason="limits of file sizes are those of POSIX")
def test_a_full_disk_is_reported_and_leaves_no_file(downloader, server):
    server.expect_request("/pdf/2603.00001").respond_with_data(PDF)
    run = downloader("pdf", "2603.00001", "--to", "here", preexec_fn=_small_files)
    assert (run.code, run.out) == (2, "")
    assert "here" in run.err
    assert list((downloader.home / "here").iterdir()) == []


@pytest.mark.parametrize("name", ["{title}", "../{id}", "{id}/{title}", "{id} {venue}", ".{id}"])
def test_a_template_that_makes_no_safe_name_is_a_configuration_error(papertrack, name):
    papertrack.configure(f'pdf: {{name: "{name}"}}')
    run = papertrack("config", "check")
    assert run.code == 2
    assert "pdf.name" in run.err
