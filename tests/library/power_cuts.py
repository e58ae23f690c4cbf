"""What a loss of power may leave of files, at worst.

The content of a file is on the disk once the file was flushed, and a changed name in a folder once
the folder was. Until then any of the changes may be lost, and so may the content. Only changes of
one name reach the disk in their order, as file systems ensure by a journal or by careful writing.
"""

from collections import defaultdict
from itertools import pairwise
from pathlib import Path

_IGNORED = {"chmod", "chown"}


class _File:
    def __init__(self, content=b""):
        self.content = self.flushed = content


class _Folder:
    """Has no content but its names."""


class Disk:
    """The files in a folder, all on the disk at first, during the steps of a traced program."""

    def __init__(self, folder):
        self._root = Path(folder)
        # By the path of the file: what programs see, and what is on the disk for certain.
        self._names = {
            path: _Folder() if path.is_dir() else _File(path.read_bytes())
            for path in self._root.rglob("*")
        }
        self._flushed = dict(self._names)
        # By folder: the files that got a name or, None, lost it in one call.
        self._unflushed = defaultdict(list)

    def apply(self, step):
        """Do a step. Those that the program will see fail have no effect."""
        if step.name not in _IGNORED:
            getattr(self, f"_{step.name}")(*map(Path, step.paths), *filter(None, [step.data]))

    def _open(self, path):
        if not self._names.get(path):
            self._change({path: _File()})

    def _write(self, path, data):
        self._names[path].content += data

    def _fsync(self, path):
        if path != self._root and isinstance(self._names[path], _File):
            self._names[path].flushed = self._names[path].content
        else:
            for change in self._unflushed.pop(path, ()):
                self._flushed |= change

    def _rename(self, old, new):
        if self._names.get(old):
            self._change({old: None, new: self._names[old]})

    def _link(self, old, new):
        if self._names.get(old) and not self._names.get(new):
            self._change({new: self._names[old]})

    def _unlink(self, path):
        if self._names.get(path):
            self._change({path: None})

    def _mkdir(self, path):
        if not self._names.get(path):
            self._change({path: _Folder()})

    def _change(self, change):
        (folder,) = {path.parent for path in change}
        self._names |= change
        self._unflushed[folder].append(change)

    def cuts(self):
        """What may be left now: contents by path, None for a folder; some twice."""
        changes = [change for changes in self._unflushed.values() for change in changes]
        for survivors in _choices(changes, self._unflushed.values()):
            names = dict(self._flushed)
            for change in _without_overtaking(changes, survivors):
                names |= change
            for attribute in ("flushed", "content"):
                left = {
                    path: getattr(node, attribute, None) for path, node in names.items() if node
                }
                yield {path: left[path] for path in left if self._is_reachable(path, left)}

    def _is_reachable(self, path, left):
        return path.parent == self._root or (
            path.parent in left and self._is_reachable(path.parent, left)
        )


def _choices(changes, by_folder):
    """Which changes survive: the first ones, the last ones, one, all but one, those of a folder."""
    yield from (changes[:count] for count in range(len(changes) + 1))
    yield from (changes[count:] for count in range(len(changes)))
    yield from ([change] for change in changes)
    yield from (changes[:at] + changes[after:] for at, after in pairwise(range(len(changes) + 1)))
    yield from by_folder


def _without_overtaking(changes, survivors):
    """The survivors whose names no lost change had changed before."""
    lost_names = set()
    for change in changes:
        if change in survivors and lost_names.isdisjoint(change):
            yield change
        else:
            lost_names |= change.keys()


def restore(left, root, to):
    """Write what is left of the files in `root` into the folder `to`."""
    for path, content in sorted(left.items()):
        target = to / path.relative_to(root)
        if content is None:
            target.mkdir(parents=True)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
