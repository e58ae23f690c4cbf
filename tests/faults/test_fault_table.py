"""Every row of the table of faults, with the real program and a real local server: it ends as the
row says, in time and where it is heavy in little memory, and nothing is lost.
"""

from contextlib import ExitStack, contextmanager
from typing import NamedTuple

import pytest
from faulty import DAYS, SERVICES, deaf, ids, page
from readers import BOTH, MEGABYTES, Reader, side_by_side
from spoiling import ACCEPTS_NOBODY
from table import LESS, TABLE, Row

IN_TIME = 60  # seconds: ten times the longest that a row may take
ROWS = [
    pytest.param(row, name, DAYS[name], id=f"{row.name}-{name}")
    for row in TABLE
    for name in row.ends
]


class Case(NamedTuple):
    """A row at one service, with those who ask: where a source may fail as a whole, one whose
    library had an early look at the day and whose other source is well, and one who has neither;
    else one who has both sources and saw nothing of the day.
    """

    row: Row
    service: str
    services: object
    readers: tuple[Reader, ...]
    known: object

    @property
    def end(self):
        return self.row.ends[self.service]

    @property
    def source(self):
        return SERVICES[self.service]

    @property
    def listed(self):
        """What the source has for the day when all is well."""
        also = ids("api", self.services.present) if self.service == "api" else []
        return set(ids("hf" if self.service == "hf" else "feed", self.services.present) + also)


@pytest.fixture
def case(row, service, services, libraries, tmp_path):
    known = libraries(services.present)
    asking = [("unseen", BOTH)]
    if row.ends[service].both and service in ("hf", "feed"):
        asking = [("seen", BOTH), ("unseen", (SERVICES[service],))]
    readers = [
        Reader(tmp_path / name, services, sources, known.library[name]) for name, sources in asking
    ]
    return Case(row, service, services, tuple(readers), known)


@contextmanager
def broken(case):
    """For the time being, the service does what the row says."""
    urls, service = dict(case.services.urls), case.service
    with ExitStack() as stack:
        if case.row.does is ACCEPTS_NOBODY:
            case.services.urls[service] = stack.enter_context(deaf())
        else:
            case.services.faults[service] = case.row.does
        yield
    case.services.urls.update(urls)
    case.services.faults.clear()


@pytest.mark.parametrize(("row", "service", "services"), ROWS, indirect=["services"])
def test_a_fault_is_told_in_time_and_nothing_is_lost(case):
    with broken(case):
        runs = _runs(case)
    for reader, run in zip(case.readers, runs, strict=True):
        is_told(run, case, reader)
        assert run.seconds < IN_TIME
        assert run.megabytes < MEGABYTES
        shows_what_came(run, case, reader)
        assert case.known.stored[reader.home.name] - reader.stored() == set()
        stays_open(case, reader)
    if case.end.state in ("failed", "partial"):
        heals(case, case.readers[0])


def _runs(case):
    """The edition of each reader."""
    words = ("--deadline", case.row.deadline)
    if case.row.apart:
        return side_by_side(lambda one: one.weighed(*one.edition, *words), case.readers)
    return [one.here(*one.edition, *words) for one in case.readers]


def is_told(done, case, reader):
    code = case.end.both if reader.sources == BOTH else case.end.alone
    assert done.run.code == code, done.run
    lines = done.run.err.splitlines()
    assert len(lines) <= {0: 0, 3: 1, 4: 3}[code], lines
    assert "Traceback" not in done.run.err
    assert done.errors == ([(case.source, case.end.kind)] if case.end.kind else [])
    assert any("left out" in note for note in done.whole["notes"]) == (case.end is LESS)


def shows_what_came(run, case, reader):
    """All of the other source, and of this one what it may have sent."""
    least = {"failed": 0, "quiet": 0, "partial": 29, "complete": len(case.listed)}
    assert len(run.new() & case.listed) >= least[case.end.state]
    if reader.sources == BOTH:
        other = ids("feed" if case.service == "hf" else "hf", case.services.present)
        assert set(other) <= run.new()


def stays_open(case, reader):
    """A day that failed is as it was before; and what is not whole does not count as such."""
    now = reader.coverage()[case.source]
    if case.end.state == "failed" and reader.home.name == "seen":
        assert (now["state"], now["asked"]) == ("complete", case.known.early)
    else:
        assert (now["state"], now["problem"]) == (case.end.state, case.end.kind)


def heals(case, reader):
    reader.now = "2026-03-31T21:30:00Z"
    done = reader.here(*reader.edition)
    assert (done.run.code, done.errors) == (0, [])
    assert case.listed <= done.new()
    assert reader.coverage()[case.source]["state"] == "complete"


@pytest.mark.parametrize(
    ("service", "services"),
    [pytest.param(name, DAYS[name], id=name) for name in ("hf", "feed", "oai")],
    indirect=["services"],
)
def test_an_empty_answer_does_not_close_a_day_of_which_papers_are_known(
    service, services, libraries, tmp_path
):
    known = libraries(services.present)
    reader = Reader(tmp_path / "seen", services, BOTH, known.library["seen"])
    services.faults[service] = lambda asked: asked.send(page(asked.service, [], asked.day))
    assert reader.here(*reader.edition).run.code in (0, 3)
    assert known.stored["seen"] - reader.stored() == set()
    services.faults.clear()
    reader.now = "2026-03-31T21:30:00Z"
    assert set(ids(service, services.present)) <= reader.here(*reader.edition).new()
