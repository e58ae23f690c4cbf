"""Several processes using one library at the same time."""

import signal

import pytest
from writers import finish, numbers_in, start

from papertrack.errors import LibraryBusy
from papertrack.library.database import Database


@pytest.fixture
def started():
    """A function that starts processes of `writers`; they are killed after the test."""
    processes = []

    def start_writer(*arguments):
        processes.append(start(*arguments))
        return processes[-1]

    yield start_writer
    for process in processes:
        process.kill()
        process.communicate()


@pytest.fixture
def holder(tmp_path, started):
    """A process that holds the lock of a library after three transactions."""
    finish(started("write_numbers", tmp_path, 3))
    process = started("hold", tmp_path)
    assert process.stdout.readline() == "held\n"
    return process


@pytest.mark.parametrize(
    ("processes", "times"), [(8, 50), pytest.param(2, 200, marks=pytest.mark.slow)]
)
def test_no_concurrent_update_is_lost(tmp_path, started, processes, times):
    for process in [started("count", tmp_path, times) for _ in range(processes)]:
        assert finish(process) == []
    assert Database(str(tmp_path)).row("counter", "all") == {"number": processes * times}


def test_readers_load_complete_and_never_older_tables_during_writes(tmp_path, started):
    """They take no lock, do not fail and find no damage."""
    readers = [started("watch_numbers", tmp_path) for _ in range(2)]
    assert [reader.stdout.readline() for reader in readers] == ["reading\n"] * 2
    for writer in [started("write_numbers", tmp_path, 60) for _ in range(2)]:
        assert finish(writer) == []
    for reader in readers:
        (line,) = finish(reader)
        different, last = map(int, line.split())
        assert different > 12
        assert last <= 120
    assert numbers_in(str(tmp_path)) == [120, 120, 120]


def test_rows_read_before_another_writer_changed_them_are_not_written_back(tmp_path, started):
    """Not with another row of the table, nor in a transaction that reads the table again."""
    database = Database(str(tmp_path))
    database.put("counter", {"all": {"number": 0}, "mine": {"number": 0}})
    assert dict(database.rows("counter")) == {"all": {"number": 0}, "mine": {"number": 0}}
    finish(started("count", tmp_path, 3))
    database.put("counter", {"mine": {"number": 1}})
    assert dict(database.rows("counter")) == {"all": {"number": 3}, "mine": {"number": 1}}
    finish(started("count", tmp_path, 4))
    with database.transaction():
        row = database.row("counter", "all")
        database.put("counter", {"all": {"number": row["number"] + 1}})
    assert dict(database.rows("counter")) == {"all": {"number": 8}, "mine": {"number": 1}}


def test_the_lock_of_a_killed_process_is_released_at_once(tmp_path, holder):
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    with Database(str(tmp_path)).transaction(timeout=0):
        pass


def test_a_writer_fails_with_75_while_the_lock_is_held_and_readers_go_on(tmp_path, holder, started):
    reader = started("watch_numbers", tmp_path)
    assert reader.stdout.readline() == "reading\n"
    waiting = Database(str(tmp_path)).transaction(timeout=0.2)
    with pytest.raises(LibraryBusy, match="another papertrack") as error, waiting:
        pytest.fail("two processes hold the lock")
    assert error.value.exit_code == 75
    assert finish(reader) == ["1 3"]
    assert holder.poll() is None
