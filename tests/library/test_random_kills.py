"""Writers that are killed at any moment, also between two calls to the system."""

import pytest
from writers import finish, start


@pytest.mark.parametrize("kills", [60, pytest.param(3000, marks=pytest.mark.slow)])
def test_killed_writers_leave_whole_transactions_and_all_that_was_acknowledged(tmp_path, kills):
    """One writer after another adds, changes and removes rows of three tables in each transaction.
    After each kill a new reader finds all three as one transaction left them, the last that was
    acknowledged or the next, and is told of no damage; the next writer goes on from there.
    """
    lines = finish(start("kill_again", tmp_path, kills))
    assert len(lines) == kills
    for line in lines:
        acknowledged, *numbers = map(int, line.split())
        assert len(set(numbers)) == 1, line
        assert numbers[0] in (acknowledged, acknowledged + 1), line
