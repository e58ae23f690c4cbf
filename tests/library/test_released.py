"""Libraries of released versions give the same answers as when they were released.

`released/` has a library for each released version of the schema and, beside it, its answers to
all queries. Neither is ever changed. Before a new version is released,
`python tests/library/test_released.py` creates both.
"""

import json
import shutil
import sys
import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from papertrack.calendar import Span
from papertrack.library import match_cache
from papertrack.library.coverage_rows import Coverage
from papertrack.library.database import SCHEMA
from papertrack.library.library import Library
from papertrack.library.storing import observe_again, store
from papertrack.models import Match, Observation, Paper, PaperListing, Sighting, State

_RELEASED = Path(__file__).with_name("released")
_VERSIONS = sorted(int(path.name) for path in _RELEASED.iterdir() if path.is_dir())
_FRIDAY, _MONDAY, _TUESDAY = date(2026, 3, 27), date(2026, 3, 30), date(2026, 3, 31)
_NOW = datetime(2026, 3, 31, 18, 0, tzinfo=UTC)
_BEFORE = _NOW - timedelta(days=1, microseconds=-5)
_TOPICS = "a fingerprint of topics"


def test_the_present_schema_has_a_released_library():
    assert SCHEMA.version in _VERSIONS, "see the docstring of this file"


@pytest.fixture(params=_VERSIONS, ids=str)
def version(request):
    """Each released version of the schema."""
    return request.param


@pytest.fixture
def library(version, tmp_path):
    """A copy of the library of a version; any damage fails the test."""
    shutil.copytree(_RELEASED / str(version), tmp_path / "library")
    return Library(str(tmp_path / "library"), lambda damage: pytest.fail(str(damage)))


@pytest.fixture
def expected(version):
    """The answers of the library when it was released."""
    return json.loads(_answers_file(version).read_text(encoding="utf-8"))


def test_a_released_library_holds_only_tables_of_its_version(version):
    for path in (_RELEASED / str(version)).iterdir():
        assert path.suffix == ".json"
        assert SCHEMA.version_of(path.read_bytes()) == version


def test_a_released_library_gives_the_same_answers(library, expected):
    answered = _answers(library)
    assert answered.keys() == expected.keys()
    for query, answer in expected.items():
        assert answered[query] == answer, query


def test_a_released_library_can_be_added_to_and_gives_the_same_answers(library, expected):
    """Every kind of table is written once; all other rows stay as they were."""
    new = Sighting(Paper("2603.00099", "News"), "arxiv", _NOW, PaperListing("arxiv", _TUESDAY, 9))
    with library.transaction():
        assert store(library, [new]).new == ("2603.00099",)
        library.change_states(["2603.00099"], lambda *_: State(read=True))
        library.save_coverage(
            [Coverage("arxiv", _TUESDAY, "complete", _NOW, 1, category="stat.ML")]
        )
        match_cache.save_matches(library, _FRIDAY, "other topics", {})
    answered = _answers(Library(library.folder))
    assert answered.pop("size") == expected.pop("size") + 1
    assert answered["entries"].pop("2603.00099")["state"] == {"read": True}
    assert answered["states"].pop("2603.00099") == {"read": True}
    assert answered["listed"].pop()["paper"]["title"] == "News"
    for query in ("entries", "states", "listed", "counted", "days"):
        assert answered[query] == expected[query], query
    assert len(answered["coverage"]) == len(expected["coverage"]) + 1


def _answers_file(version):
    return _RELEASED / f"{version}.expected.json"


def _answers(library):
    """The results of all queries as JSON values."""
    entries = list(library.all_entries())
    days = Span(date(2025, 12, 1), date(2026, 12, 31))
    return _json_value(
        {
            "size": library.paper_count(),
            "days": library.listing_days(),
            "everything": entries,
            "entries": library.entries(sorted(entry.paper.id for entry in entries)),
            "listed": library.listed_entries(days),
            "counted": library.listed_entries(days, counted=True),
            "within a day": list(library.entries_within(Span(_MONDAY, _MONDAY))),
            "states": library.states(),
            "coverage": list(library.coverage(days).values()),
            "matches": {
                str(day): {
                    key: matches
                    for key, (matches, _) in match_cache.load_matches(library, day, _TOPICS).items()
                }
                for day in library.listing_days()
            },
        }
    )


# Fields that a later release added, with the value that they have for older rows.
_LATER_DEFAULTS = {"repaired": [0], "phrases": [1]}


def _json_value(value):
    """A value as JSON; records without empty fields, since later versions may add fields."""
    if isinstance(value, date):
        return value.isoformat()
    if hasattr(value, "_asdict"):
        fields = {key: _json_value(field) for key, field in value._asdict().items()}
        return {
            key: field
            for key, field in fields.items()
            if field not in (None, [], {}, *_LATER_DEFAULTS.get(key, ())) and field is not False
        }
    if isinstance(value, dict):
        return {key: _json_value(element) for key, element in value.items()}
    if isinstance(value, list | tuple):
        return [_json_value(element) for element in value]
    return value


def _write_library(folder):
    """Create a library with every kind of row and value."""
    library = Library(folder)
    with library.transaction():
        store(library, _first_looks())
        library.save_coverage(_coverage())
    with library.transaction():
        store(library, _later_looks())
        observe_again(library, "huggingface", _TUESDAY, _NOW + timedelta(hours=2))
        for paper_id, state in _marks().items():
            library.change_states([paper_id], lambda *_, state=state: state)
        match_cache.save_matches(library, _FRIDAY, _TOPICS, _matches())
        match_cache.save_matches(library, _TUESDAY, "older topics", {"2603.00001": ((), ())})


def _first_looks():
    """Sightings with every field, each kind of id, and a paper listed by two sources."""
    full = Paper(
        "2603.00001",
        "Wörter, 論文 and \U0001f9ea of Invention",
        version=1,
        abstract="Nobody wrote this paper.\nIt has two lines and a backslash: \\.",
        authors=("Ada Öne", "Bob Two", "陳三", "Dee Four"),
        categories=("cs.CL", "stat.ML"),
        keywords=("invention", "naming"),
        submitted=datetime(2026, 3, 26, 9, 15, 30, tzinfo=UTC),
        announced=_FRIDAY,
        updated=datetime(2026, 3, 28, 7, 0, tzinfo=UTC),
        code_url="https://github.com/nobody/nothing",
        project_url="https://example.org/nothing",
        organization="Institute of Nothing",
    )
    return [
        _look(full, "huggingface", _FRIDAY, _BEFORE, rank=1, counts=(3, 0, 12)),
        _look(full._replace(organization=None), "arxiv", _FRIDAY, _BEFORE),
        _look(Paper("2603.00002", "Crossed"), "arxiv", _FRIDAY, _BEFORE, kind="cross"),
        _look(Paper("hep-th/9901001", "Strings of Old"), "huggingface", _MONDAY, _BEFORE, rank=2),
        _look(Paper("cran:12", "A Package"), "import", None, _BEFORE, counts=(None, None, 7)),
        _look(Paper("doi:10.5555/Nothing(1)", "A Journal's"), "import", _MONDAY, _BEFORE),
    ]


def _later_looks():
    """Later sightings: other titles, another day, a revision, and lower counts."""
    return [
        _look(Paper("2603.00001", "Wörter"), "huggingface", _TUESDAY, _NOW, rank=4, counts=(9, 2)),
        _look(Paper("2603.00001", "Wörter", 2), "arxiv", _TUESDAY, _NOW, kind="revised"),
        _look(Paper("2603.00002", "Crossed", keywords=("x",)), "arxiv", None, _NOW),
        _look(Paper("hep-th/9901001", "Strings"), "huggingface", _TUESDAY, _NOW, counts=(0,)),
        _look(Paper("2512.99999", "Seen Late"), "huggingface", _TUESDAY, _NOW, rank=1),
    ]


def _look(paper, source, day, at, *, rank=None, kind="new", counts=()):
    listed = PaperListing(source, day, rank, kind) if day else None
    return Sighting(paper, source, at, listed, (Observation(at, *counts),) if counts else ())


def _marks():
    return {
        "2603.00001": State(starred=True, read=True, tags=("to read", "Ä"), note="Two\nlines."),
        "hep-th/9901001": State(hidden=True),
        "cran:12": State(tags=("tool",)),
    }


def _matches():
    return {
        "2603.00001": ((Match("words", "wörter", "title", "Wörter", 100), _TYPO), ()),
        "2603.00002": ((), ()),
    }


_TYPO = Match("naming", "namings", "keywords", "naming", 92)


def _coverage():
    """Coverage of each state, of two years, with and without a category."""
    return [
        Coverage("huggingface", _FRIDAY, "complete", _BEFORE, 2, validator='W/"5-x"'),
        Coverage("huggingface", _MONDAY, "partial", _NOW, 2, 1, problem="an entry had no id"),
        Coverage("arxiv", _FRIDAY, "complete", _BEFORE, 2, category="cs.CL"),
        Coverage("arxiv", _FRIDAY, "quiet", _BEFORE, category="stat.ML"),
        Coverage("huggingface", date(2025, 12, 31), "failed", _NOW, problem="timeout"),
    ]


def _release():
    """Write the library of the present version and its answers; fails if it exists."""
    target = _RELEASED / str(SCHEMA.version)
    target.mkdir()
    with tempfile.TemporaryDirectory() as folder:
        _write_library(folder)
        for path in Path(folder).glob("*.json"):
            shutil.copyfile(path, target / path.name)
    answers = json.dumps(_answers(Library(str(target))), ensure_ascii=False, indent=1)
    _answers_file(SCHEMA.version).write_text(answers + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(_release())
