"""Several processes at one library at the same time."""

import signal

import pytest
from writers import finish, numbers_in, start

from papertrack.errors import LibraryBusy
from papertrack.library.database import Database


@pytest.fixture
def started():
    """Starts processes of `writers`, and ends those that are left."""
    processes = []

    def begin(*arguments):
        processes.append(start(*arguments))
        return processes[-1]

    yield begin
    for process in processes:
        process.kill()
        process.communicate()


@pytest.fixture
def holder(tmp_path, started):
    """A process that holds the lock of a library with the numbers of three transactions."""
    finish(started("write_numbers", tmp_path, 3))
    process = started("hold", tmp_path)
    assert process.stdout.readline() == "held\n"
    return process


@pytest.mark.parametrize(
    ("processes", "times"), [(8, 50), pytest.param(2, 200, marks=pytest.mark.slow)]
)
def test_of_updates_at_the_same_time_none_is_lost(tmp_path, started, processes, times):
    for process in [started("count", tmp_path, times) for _ in range(processes)]:
        assert finish(process) == []
    assert Database(str(tmp_path)).row("counter", "all") == {"number": processes * times}


def test_readers_meet_whole_tables_that_never_go_back_while_others_write(tmp_path, started):
    """They take no lock, fail at nothing and are told of no damage."""
    readers = [started("watch_numbers", tmp_path) for _ in range(2)]
    assert [reader.stdout.readline() for reader in readers] == ["reading\n"] * 2
    for writer in [started("write_numbers", tmp_path, 100) for _ in range(2)]:
        assert finish(writer) == []
    for reader in readers:
        (line,) = finish(reader)
        different, last = map(int, line.split())
        assert different > 20
        assert last <= 200
    assert numbers_in(str(tmp_path)) == [200, 200, 200]


def test_what_was_read_before_others_wrote_is_not_written_back(tmp_path, started):
    """Not with another row of the table, and not within a transaction that reads it once more."""
    database = Database(str(tmp_path))
    database.put("counter", {"all": {"number": 0}, "mine": {"number": 0}})
    assert dict(database.rows("counter")) == {"all": {"number": 0}, "mine": {"number": 0}}
    finish(started("count", tmp_path, 3))
    database.put("counter", {"mine": {"number": 1}})
    assert dict(database.rows("counter")) == {"all": {"number": 3}, "mine": {"number": 1}}
    finish(started("count", tmp_path, 4))
    with database.transaction():
        known = database.row("counter", "all")
        database.put("counter", {"all": {"number": known["number"] + 1}})
    assert dict(database.rows("counter")) == {"all": {"number": 8}, "mine": {"number": 1}}


def test_the_lock_of_a_killed_process_is_free_at_once(tmp_path, holder):
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    with Database(str(tmp_path)).transaction(timeout=0):
        pass


def test_a_held_lock_makes_the_next_writer_give_up_with_75_while_reading_goes_on(
    tmp_path, holder, started
):
    reader = started("watch_numbers", tmp_path)
    assert reader.stdout.readline() == "reading\n"
    waiting = Database(str(tmp_path)).transaction(timeout=0.2)
    with pytest.raises(LibraryBusy, match="another papertrack") as error, waiting:
        pytest.fail("two held the lock")
    assert error.value.exit_code == 75
    assert finish(reader) == ["1 3"]
    assert holder.poll() is None
