"""Bibliographies as profiles: `import FILE --as-starred`."""

import json

import pytest

# As Zotero exports it, with its file field, and an arXiv paper of last week.
BIBTEX = r"""
@article{smith_agents_2026,
  title = {Planning {Agents}},
  author = {Smith, Ada},
  year = {2026},
  url = {http://arxiv.org/abs/2603.09001},
  publisher = {arXiv},
  file = {Preprint PDF:/home/ada/Zotero/storage/X/1.pdf:application/pdf},
}
@book{lamport94, title = {An Agent Preparation System}, author = {Lamport, L.}, year = {1994}}
"""
RIS = "TY  - JOUR\nTI  - Agents of Soil\nDO  - 10.1234/soil\nER  - \n"
CONFIG = "sources: {huggingface: {enabled: false}}\ntopics: [{name: agents, any: [agent]}]"
PROFILE = {"2603.09001", "bib:lamport94"}


def _ids(program, *arguments):
    return set(program(*arguments, "--format", "ids").out.split())


@pytest.fixture
def program(papertrack):
    papertrack.configure(CONFIG)
    assert papertrack("alert").code == 0
    (papertrack.home / "refs.bib").write_text(BIBTEX)
    return papertrack


def test_the_papers_are_starred_and_no_news(program):
    run = program("import", program.home / "refs.bib", "--as-starred")
    assert (run.code, "2 papers starred" in run.err) == (0, True)
    assert _ids(program, "list", "--starred") == PROFILE
    listed = json.dumps({"id": "2603.00007", "title": "Other agents", "listed": "2026-03-31"})
    program("import", "-", input=listed.encode())
    for command in (["today", "--offline"], ["catchup", "--offline"], ["list"], ["recommend"]):
        assert _ids(program, *command) == {"2603.00007"}, command
    assert _ids(program, "alert", "--since", "2026-03-01") == {"2603.00007"}


def test_one_undo_takes_back_all_stars_and_makes_no_news(program):
    program("import", program.home / "refs.bib", "--as-starred")
    assert "undone" in program("undo").err
    assert _ids(program, "list", "--starred") == set()
    assert _ids(program, "list", "--all") == PROFILE
    assert "Agents" not in program("alert").out


def test_importing_twice_changes_nothing(program):
    program("import", program.home / "refs.bib", "--as-starred")
    again = program("import", program.home / "refs.bib", "--as-starred").err
    assert "0 new, 0 changed" in again
    assert "0 papers starred" in again


def test_an_export_is_imported_without_its_days_and_counts(program):
    row = {
        "id": "2603.00008",
        "title": "Agents",
        "listed": {"huggingface": "2026-03-31"},
        "upvotes": 9,
        "sources": ["huggingface"],
        "provenance": {"title": "huggingface"},
        "state": {"starred": True},
    }
    program("import", "-", "--as-starred", input=(json.dumps(row) + "\n").encode())
    (paper,) = json.loads(program("list", "--starred", "-f", "json").out)["data"]
    assert (paper["listed"], paper["upvotes"]) == ({}, None)
    assert paper["sources"] == ["huggingface", "profile"]
    assert _ids(program, "today", "--offline") == set()


def test_a_stored_paper_stays_the_news_that_it_is(program):
    listed = json.dumps({"id": "2603.09001", "title": "Planning Agents", "listed": "2026-03-31"})
    program("import", "-", input=listed.encode())
    program("import", program.home / "refs.bib", "--as-starred")
    assert _ids(program, "today", "--offline") == {"2603.09001"}


def test_ris_is_a_profile_too_and_ticks_are_not(program):
    (program.home / "refs.ris").write_text(RIS)
    assert program("import", program.home / "refs.ris", "--as-starred").code == 0
    assert _ids(program, "list", "--starred") == {"doi:10.1234/soil"}
    assert program("import", "--ticks", program.home / "refs.bib", "--as-starred").code == 2
