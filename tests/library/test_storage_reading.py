"""Which tables a reader caches, and from which size on it decodes rows lazily."""

import pytest

from papertrack.storage.encoded_rows import EncodedRow
from papertrack.storage.encoding import Format
from papertrack.storage.folder import FolderStorage


@pytest.fixture
def opened(tmp_path):
    return lambda: FolderStorage(str(tmp_path / "library"))


def test_the_last_24_tables_are_cached(opened):
    opened().write({f"t{number}": {"a": {}} for number in range(30)})
    storage = opened()
    first = storage.load("t0")
    for number in range(1, 24):
        storage.load(f"t{number}")
    assert storage.load("t0") is first
    for number in range(1, 25):
        storage.load(f"t{number}")
    assert storage.load("t0") is not first


def test_changed_tables_are_read_again_and_unchanged_ones_stay_cached(opened):
    opened().write({"t": {"a": {"n": 1}}, "u": {}})
    storage = opened()
    t_rows, u_rows = storage.load("t"), storage.load("u")
    opened().write({"t": {"a": {"n": 2}}, "u": {}})
    assert storage.load("t") == {"a": {"n": 2}} != t_rows
    assert storage.load("u") is u_rows


@pytest.mark.parametrize(("extra", "lazily"), [(0, False), (1, True)])
def test_above_two_megabytes_rows_are_decoded_lazily(opened, extra, lazily):
    size = 2**21 + extra - len(Format().encode({"a": {"x": ""}}))
    opened().write({"t": {"a": {"x": "y" * size}}})
    rows = opened().load("t")
    assert isinstance(rows["a"], EncodedRow) is lazily
    assert dict(rows["a"]) == {"x": "y" * size}


def test_the_sizes_of_all_tables_are_added_up(opened):
    opened().write({name: {"a": {"x": "y" * 2**20}} for name in "tuv"})
    storage = opened()
    encoded = [isinstance(storage.load(name)["a"], EncodedRow) for name in "tuv"]
    assert encoded == [False, True, True]


def test_the_cache_is_cleared_at_both_ends_of_a_transaction(opened):
    opened().write({"t": {"a": {}}})
    storage = opened()
    before = storage.load("t")
    with storage.transaction():
        within = storage.load("t")
        assert within is not before
        assert storage.load("t") is within
    assert storage.load("t") is not within
