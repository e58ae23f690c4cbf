"""Writers that are killed at random times, also between two system calls."""

import pytest
from writers import finish, start


@pytest.mark.parametrize("kills", [60, pytest.param(3000, marks=pytest.mark.slow)])
def test_killed_writers_leave_complete_and_all_acknowledged_transactions(tmp_path, kills):
    """Each transaction adds, changes and removes rows of three tables.

    After each kill a new reader finds all three as the last acknowledged transaction left them, or
    the next one, without damage; the next writer continues from there.
    """
    lines = finish(start("kill_again", tmp_path, kills))
    assert len(lines) == kills
    for line in lines:
        acknowledged, *numbers = map(int, line.split())
        assert len(set(numbers)) == 1, line
        assert numbers[0] in (acknowledged, acknowledged + 1), line
