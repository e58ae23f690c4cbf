"""Every row of the table of faults, with the real program and a real local server.

The run ends as the row says, at its deadline at the latest and, for heavy rows, in little memory,
and nothing is lost.
"""

from contextlib import ExitStack, contextmanager
from typing import NamedTuple

import pytest
from faulty import DAYS, SERVICES, Services, ids, page, running, unresponsive
from readers import BOTH, MAX_MEGABYTES, Reader, side_by_side
from server_faults import UNRESPONSIVE
from table import SHORT, SKIPPED, TABLE, Row

TIMEOUTS = {row.name: row for row in TABLE if row.deadline == SHORT}
ROWS = [
    pytest.param(row, name, DAYS[name], id=f"{row.name}-{name}")
    for row in TABLE
    if row.name not in TIMEOUTS
    for name in row.ends
]


class Case(NamedTuple):
    """A row at one service, with its readers.

    If the source may fail completely: a reader with both sources whose library has an early listing
    of the day, and a reader with this source only. Otherwise a reader with both sources whose
    library does not have the day.
    """

    row: Row
    service: str
    services: object
    readers: tuple[Reader, ...]
    libraries: object

    @property
    def end(self):
        return self.row.ends[self.service]

    @property
    def source(self):
        return SERVICES[self.service]

    @property
    def listed(self):
        """The papers of the source on the day when all is well."""
        revised = ids("api", self.services.present) if self.service == "api" else []
        return set(ids("hf" if self.service == "hf" else "feed", self.services.present) + revised)


def make_case(row, service, services, libraries, folder):
    """A row at one service, with readers whose homes are in `folder`."""
    stored = libraries(services.present)
    kinds = [("unseen", BOTH)]
    if row.ends[service].both and service in ("hf", "feed"):
        kinds = [("seen", BOTH), ("unseen", (SERVICES[service],))]
    readers = [
        Reader(folder / name, services, sources, stored.folders[name]) for name, sources in kinds
    ]
    return Case(row, service, services, tuple(readers), stored)


@contextmanager
def broken(case):
    """Make the service do what the row says."""
    urls, service = dict(case.services.urls), case.service
    with ExitStack() as stack:
        if case.row.does is UNRESPONSIVE:
            case.services.urls[service] = stack.enter_context(unresponsive())
        else:
            case.services.faults[service] = case.row.does
        yield
    case.services.urls.update(urls)
    case.services.faults.clear()


@pytest.mark.parametrize(("row", "service", "services"), ROWS, indirect=["services"])
def test_a_fault_is_reported_and_nothing_is_lost(row, service, services, libraries, tmp_path):
    case = make_case(row, service, services, libraries, tmp_path)
    with broken(case):
        if row.heavy:
            results = side_by_side(run_process, [(row, reader) for reader in case.readers])
        else:
            words = ("--deadline", row.deadline)
            results = [reader.run_here(*reader.today, *words) for reader in case.readers]
    check_case(case, results)


@pytest.mark.waits
@pytest.mark.parametrize("row", TIMEOUTS.values(), ids=TIMEOUTS)
def test_a_time_out_is_reported_at_the_deadline_and_nothing_is_lost(row, libraries, tmp_path):
    """All services at once, as each run waits for the deadline."""
    with ExitStack() as all_services:
        cases = []
        for service in row.ends:
            services = all_services.enter_context(running(Services(DAYS[service])))
            cases.append(make_case(row, service, services, libraries, tmp_path / service))
        with ExitStack() as faults:
            for case in cases:
                faults.enter_context(broken(case))
            runs = [(row, reader) for case in cases for reader in case.readers]
            results = iter(side_by_side(run_process, runs))
        for case in cases:
            check_case(case, [next(results) for _ in case.readers])


def run_process(run):
    """The result of `papertrack today` of a row and a reader, as a process."""
    row, reader = run
    return reader.run_process(*reader.today, "--deadline", row.deadline)


def check_case(case, results):
    for reader, result in zip(case.readers, results, strict=True):
        check_report(result, case, reader)
        assert result.megabytes < MAX_MEGABYTES
        check_papers(result, case, reader)
        assert case.libraries.stored[reader.home.name] - reader.stored() == set()
        check_coverage(case, reader)
    if case.end.state in ("failed", "stale", "partial"):
        check_recovery(case, case.readers[0])


def check_report(result, case, reader):
    code = case.end.both if reader.sources == BOTH else case.end.alone
    assert result.process.code == code, result.process
    lines = result.process.err.splitlines()
    assert len(lines) <= {0: 0, 3: 1, 4: 3}[code], lines
    assert "Traceback" not in result.process.err
    assert result.errors == ([(case.source, case.end.kind)] if case.end.kind else [])
    assert any("left out" in note for note in result.json["notes"]) == (case.end is SKIPPED)


def check_papers(result, case, reader):
    """All papers of the other source are shown, and those that this source sent."""
    least = {"failed": 0, "stale": 0, "quiet": 0, "partial": 29, "complete": len(case.listed)}
    assert len(result.new() & case.listed) >= least[case.end.state]
    if reader.sources == BOTH:
        other = ids("feed" if case.service == "hf" else "hf", case.services.present)
        assert set(other) <= result.new()


def check_coverage(case, reader):
    """A failed day is as it was before, and an incomplete day is not complete."""
    coverage = reader.coverage()[case.source]
    if case.end.state in ("failed", "stale") and reader.home.name == "seen":
        assert (coverage["state"], coverage["asked"]) == ("complete", case.libraries.early)
    else:
        assert (coverage["state"], coverage["problem"]) == (case.end.state, case.end.kind)


def check_recovery(case, reader):
    reader.now = "2026-04-01T18:30:00Z" if case.row.waits else "2026-03-31T21:30:00Z"
    result = reader.run_here(*reader.today)
    assert (result.process.code, result.errors) == (0, [])
    assert case.listed <= result.new()
    assert reader.coverage()[case.source]["state"] == "complete"


@pytest.mark.parametrize(
    ("service", "services"),
    [pytest.param(name, DAYS[name], id=name) for name in ("hf", "feed", "oai")],
    indirect=["services"],
)
def test_an_empty_response_does_not_close_a_day_with_stored_papers(
    service, services, libraries, tmp_path
):
    stored = libraries(services.present)
    reader = Reader(tmp_path / "seen", services, BOTH, stored.folders["seen"])
    services.faults[service] = lambda exchange: exchange.send(
        page(exchange.service, [], exchange.day)
    )
    assert reader.run_here(*reader.today).process.code in (0, 3)
    assert stored.stored["seen"] - reader.stored() == set()
    services.faults.clear()
    reader.now = "2026-03-31T21:30:00Z"
    assert set(ids(service, services.present)) <= reader.run_here(*reader.today).new()
