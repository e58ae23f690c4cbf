"""Show output that is longer than the terminal in a pager, as git does."""

import os
import sys
from collections.abc import Callable
from io import StringIO
from typing import TextIO

from papertrack.cli.output import clean_output

_DEFAULT = "less"
_LESS = "FRX"  # quit if one screen is enough, keep colours, leave the text on the screen


def page_if_long(draw: Callable[[TextIO], None], *, paged: bool) -> None:
    """Draw to stdout, or to $PAGER if `paged` and stdout is a terminal with too few lines."""
    if not (paged and sys.stdout.isatty() and sys.stdin.isatty()):
        draw(sys.stdout)
        return
    out = _TerminalBuffer()
    draw(out)
    text = clean_output(out.getvalue())
    long = text.count("\n") >= os.get_terminal_size(sys.stdout.fileno()).lines
    if not (long and _page(text)):
        sys.stdout.write(text)


class _TerminalBuffer(StringIO):
    """Text for a terminal, kept in memory until its length is known."""

    def isatty(self) -> bool:
        """True, so that the text is coloured for the terminal that will show it."""
        return True


def _page(text: str) -> bool:
    """Show a text in $PAGER and wait for it; return whether there is a pager that starts."""
    import shlex
    import signal
    import subprocess
    from contextlib import suppress

    try:
        command = shlex.split(os.environ.get("PAGER", _DEFAULT))
    except ValueError:  # an unclosed quote
        return False
    if not command:
        return False
    environ = {"LESS": _LESS, "LV": "-c", **os.environ}
    try:
        pager = subprocess.Popen(command, stdin=subprocess.PIPE, env=environ)  # noqa: S603  # the command comes from the user
    except OSError:
        return False
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the pager.
    try:
        with suppress(BrokenPipeError):  # The pager was closed before it read everything.
            pager.communicate(text.encode(sys.stdout.encoding or "utf-8", "replace"))
        pager.wait()
    finally:
        signal.signal(signal.SIGINT, before)
    return True
