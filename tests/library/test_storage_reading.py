"""What a reader keeps of what it read, and from when on it reads quickly."""

import pytest

from papertrack.storage.encoded_rows import EncodedRow
from papertrack.storage.encoding import Format
from papertrack.storage.folder import FolderStorage


@pytest.fixture
def opened(tmp_path):
    return lambda: FolderStorage(str(tmp_path / "library"))


def test_the_rows_of_the_last_24_tables_are_kept(opened):
    opened().write({f"t{number}": {"a": {}} for number in range(30)})
    storage = opened()
    first = storage.load("t0")
    for number in range(1, 24):
        storage.load(f"t{number}")
    assert storage.load("t0") is first
    for number in range(1, 25):
        storage.load(f"t{number}")
    assert storage.load("t0") is not first


def test_what_changed_is_read_again_and_what_did_not_is_kept(opened):
    opened().write({"t": {"a": {"n": 1}}, "u": {}})
    storage = opened()
    t, u = storage.load("t"), storage.load("u")
    opened().write({"t": {"a": {"n": 2}}, "u": {}})
    assert storage.load("t") == {"a": {"n": 2}} != t
    assert storage.load("u") is u


@pytest.mark.parametrize(("more", "quickly"), [(0, False), (1, True)])
def test_beyond_two_megabytes_rows_are_decoded_when_they_are_touched(opened, more, quickly):
    size = 2**21 + more - len(Format().encode({"a": {"x": ""}}))
    opened().write({"t": {"a": {"x": "y" * size}}})
    rows = opened().load("t")
    assert isinstance(rows["a"], EncodedRow) is quickly
    assert dict(rows["a"]) == {"x": "y" * size}


def test_the_bytes_of_all_tables_count_together(opened):
    opened().write({name: {"a": {"x": "y" * 2**20}} for name in "tuv"})
    storage = opened()
    kinds = [isinstance(storage.load(name)["a"], EncodedRow) for name in "tuv"]
    assert kinds == [False, True, True]


def test_nothing_is_kept_beyond_a_transaction(opened):
    opened().write({"t": {"a": {}}})
    storage = opened()
    before = storage.load("t")
    with storage.transaction():
        within = storage.load("t")
        assert within is not before
        assert storage.load("t") is within
    assert storage.load("t") is not within
