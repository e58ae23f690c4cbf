"""Whatever is in the files of a library, in an archive or an import, runs end as they should."""

import pytest
from forks import FORKING
from mutated_libraries import Seen, check, create

# Some found faults: 1000, 1074 and 1148.
_FEW = (*range(10), 1000, 1074, 1148)
_MANY = range(1000, 1600)
pytestmark = pytest.mark.skipif(not FORKING, reason="thousands of processes would take too long")


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    """A library with rows of every kind, with a backup and an import file."""
    return create(tmp_path_factory.mktemp("original") / "home")


@pytest.mark.parametrize("number", _FEW)
def test_no_damage_loses_a_paper_shows_a_traceback_or_takes_much(original, number):
    check(original, number, Seen())


@pytest.mark.slow
@pytest.mark.parametrize("number", _MANY)
def test_no_damage_of_many_loses_a_paper_shows_a_traceback_or_takes_much(original, number):
    check(original, number, Seen())
