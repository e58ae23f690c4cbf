"""The picture in the README: what `papertrack today --sample` prints in a terminal.

python tests/readme_picture.py    draws it anew
"""

import os
import pty
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

PICTURE = Path(__file__).parents[1] / ".readme" / "today.svg"
WIDTH = 100


def shown() -> str:
    """What a terminal of 100 columns is sent, colours and all, with no configuration."""
    with tempfile.TemporaryDirectory() as home:
        ours, theirs = pty.openpty()
        environment = {
            "HOME": home,
            "PATH": os.environ["PATH"],
            "TERM": "xterm-256color",
            "COLUMNS": str(WIDTH),
            "LANG": "C.UTF-8",
        }
        command = [sys.executable, "-m", "papertrack", "today", "--sample"]
        with subprocess.Popen(command, stdout=theirs, stderr=theirs, env=environment):
            os.close(theirs)
            return b"".join(iter(lambda: _read(ours), b"")).decode().replace("\r\n", "\n")


def draw(output: str) -> str:
    """An SVG of that output."""
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        console = Console(record=True, width=WIDTH, file=nowhere, force_terminal=True)
        console.print(Text.from_ansi(output), soft_wrap=True)
        return console.export_svg(title="papertrack today --sample", theme=MONOKAI)


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # the other end is closed
        return b""


if __name__ == "__main__":
    PICTURE.write_text(draw(shown()), encoding="utf-8")
