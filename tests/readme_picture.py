"""Draw the picture of the README, the output of `papertrack today --sample` in a terminal.

python tests/readme_picture.py
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


def sample_output() -> str:
    """The output in a terminal of 100 columns, with its colour codes and no configuration."""
    with tempfile.TemporaryDirectory() as home:
        terminal, program_end = pty.openpty()
        environment = {
            "HOME": home,
            "PATH": os.environ["PATH"],
            "TERM": "xterm-256color",
            "COLUMNS": str(WIDTH),
            "LANG": "C.UTF-8",
        }
        command = [sys.executable, "-m", "papertrack", "today", "--sample", "--no-links"]
        with subprocess.Popen(command, stdout=program_end, stderr=program_end, env=environment):
            os.close(program_end)
            output = b"".join(iter(lambda: _read(terminal), b""))
    return output.decode().replace("\r\n", "\n")


def draw(output: str) -> str:
    """An SVG of terminal output."""
    with open(os.devnull, "w", encoding="utf-8") as devnull:
        console = Console(record=True, width=WIDTH, file=devnull, force_terminal=True)
        console.print(Text.from_ansi(output), soft_wrap=True)
        return console.export_svg(title="papertrack today --sample", theme=MONOKAI)


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # Linux reports an error when the program has closed its end
        return b""


if __name__ == "__main__":
    PICTURE.write_text(draw(sample_output()), encoding="utf-8")
