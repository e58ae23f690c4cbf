"""The command `import`."""

import gzip
import json

import pytest

_LINES = b"".join(
    json.dumps({"id": paper_id, "title": "T", "listed": "2026-03-30"}).encode() + b"\n"
    for paper_id in ("2603.00001", "--library=elsewhere", "cran:../x", "cran:3")
)


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_dash_imports_standard_input(papertrack, pack):
    run = papertrack("import", "-", input=pack(_LINES))
    assert run.code == 0
    assert "standard input: line 2: id is not valid: '--library=elsewhere'" in run.err
    assert papertrack("list", "--all", "-f", "ids").out.split() == ["2603.00001", "cran:3"]


@pytest.mark.parametrize("piped", [b"{", b"\x1f\x8b", b"PK\x03\x04", b"\xff\xfe\x00"])
def test_standard_input_that_has_no_papers_is_a_usage_error(papertrack, piped):
    run = papertrack("import", "-", input=piped)
    assert (run.code, run.out) == (2, "")
    assert 1 <= len(run.err.splitlines()) <= 3
    assert "standard input" in run.err
