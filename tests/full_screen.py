"""Running the reader in a pseudo-terminal: wait for a text on the screen, then press keys."""

import os
import re
import select
import struct
import time
from contextlib import suppress
from typing import NamedTuple

_SECONDS = 60  # until a text must have appeared
_SEQUENCES = re.compile(rb"\x1b\[[0-9;?<>=$]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(\x07|\x1b\\)|\x1b.")


class Ended(NamedTuple):
    """How a program ended: its exit code, minus the signal if killed, and all that it wrote."""

    code: int
    output: bytes


class FullScreen:
    """A program in a pseudo-terminal of its own."""

    def __init__(self, command, environ, folder, size=(24, 80)):
        from pty import fork  # Windows has none of these modules.

        self.pid, self.terminal = fork()
        if not self.pid:
            os.chdir(folder)
            os.execvpe(command[0], command, environ)
        self.resize(*size)
        self.output, self._position = b"", 0

    def resize(self, rows, columns):
        """Change the size of the terminal."""
        from fcntl import ioctl
        from termios import TIOCSWINSZ

        ioctl(self.terminal, TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def press(self, *keys):
        """Press keys, given as a terminal sends them."""
        for key in keys:
            os.write(self.terminal, key.encode())

    def wait_for(self, text):
        """Read until a text was written after what was waited for before."""
        begun = time.monotonic()
        while (at := self.shown.find(text, self._position)) < 0:
            if not self._read() or time.monotonic() - begun > _SECONDS:
                raise AssertionError((text, self.shown[-1000:]))
        self._position = at + len(text)

    @property
    def shown(self):
        """All that was written, without its escape sequences."""
        return _SEQUENCES.sub(b"", self.output).decode(errors="replace")

    def end(self):
        """Read to the end; return how the program ended."""
        while self._read():
            pass
        os.close(self.terminal)
        _, status = os.waitpid(self.pid, 0)
        return Ended(os.waitstatus_to_exitcode(status), self.output)

    def _read(self):
        """Read what comes; False at the end, where Linux raises OSError."""
        if not select.select([self.terminal], [], [], _SECONDS)[0]:
            raise TimeoutError(self.shown[-1000:])
        with suppress(OSError):
            data = os.read(self.terminal, 65536)
            self.output += data
            return bool(data)
        return False
