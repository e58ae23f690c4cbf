"""Draw pictures of the reader: 80 x 24 and 160 x 45, dark and light, and that of the README.

python tests/browse/pictures.py

The papers are invented. Look at the pictures before you commit them.
"""

import asyncio
import io
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).parents[1])]

from invented import DAY, NOW, put, sighting
from reader import desk, reading
from rich.console import Console
from rich.segment import Segment, Segments
from rich.terminal_theme import DEFAULT_TERMINAL_THEME, MONOKAI

from papertrack.library.library import Library
from papertrack.tracker import marks

LOOKS = Path(__file__).with_name("looks")
README = Path(__file__).parents[2] / ".readme" / "browse.svg"
THEMES = {"dark": MONOKAI, "light": DEFAULT_TERMINAL_THEME}
PICTURES = {
    LOOKS / f"{name}-{width}x{height}.svg": (theme, (width, height))
    for name, theme in THEMES.items()
    for width, height in ((80, 24), (160, 45))
} | {README: (MONOKAI, (120, 32))}
_ABSTRACT = (
    "Agents that plan over many steps forget what they have learned on the way. We let an agent "
    "write short notes while it works and read them before each decision. On five benchmarks with "
    "$10^4$ tasks the notes halve the number of repeated mistakes, and the agent needs a third "
    "fewer calls. The notes are plain text: people can read, correct and share them. Code: "
    "https://github.com/example/notes"
)
_TITLES = (
    "Notes to Oneself: Long-Horizon Agents That Write Down What They Learn",
    "Graph Networks Without Message Passing",
    "Speculative Decoding With a Draft That Knows When to Stop",
    "What Do Language Models Count When They Count Tokens?",
    "A Web Agent Benchmark in Which Pages Change While You Read Them",
    "Sparse Attention for Hour-Long Video",
    "Small Models, Large Corpora: Where Scaling Laws Bend",
    "Learning $\\alpha$-Divergences for Faster Sampling",
    "Retrieval That Cites Its Sources",
    "Robots That Ask Before They Break Things",
    "Tokenizers for 1,000 Languages",
    "Distilling Agents Into a Single Forward Pass",
)


def fill(folder):
    """Store the invented papers, with marks on some."""
    library = Library(str(folder))
    for day, at in ((DAY - timedelta(days=1), NOW - timedelta(days=1)), (DAY, NOW)):
        put(
            library,
            *(
                sighting(
                    f"2603.{20100 + number:05}",
                    day=DAY - timedelta(days=number // 10),
                    at=at - timedelta(hours=hours),
                    rank=number + 1,
                    upvotes=(112 - 9 * number) // (1 + hours // 3 + (day < DAY)),
                    comments=3,
                    title=title,
                    abstract=_ABSTRACT if number == 0 else f"{title}. An invented abstract.",
                    authors=("Ada Example", "Bo Muster", "Cy Exemple", "Di Ejemplo"),
                    categories=("cs.CL", "cs.AI"),
                )
                for number, title in enumerate(_TITLES)
                for hours in (8, 4, 0)
                if day == DAY or number >= 10
            ),
        )
    for mark, papers in (("star", (0, 2)), ("read", (3,)), ("hide", (5,))):
        ids = [f"2603.{20100 + number:05}" for number in papers]
        marks.apply_mark(library, marks.MARKS[mark], ids, NOW)
    marks.apply_mark(library, marks.tag_mark("later"), ["2603.20102"], NOW)


async def _draw(size, themes):
    with tempfile.TemporaryDirectory() as folder:
        fill(folder)
        of_desk, _ = desk(folder)
        async with reading(of_desk, size) as reader:
            await asyncio.sleep(0.5)  # until related papers are searched for
            await reader.settle()
            strips = reader.app.screen._compositor.render_strips()  # noqa: SLF001  # as in reader
    return [_svg(strips, size[0], theme) for theme in themes]


def _svg(strips, width, theme):
    console = Console(
        record=True, width=width, file=io.StringIO(), force_terminal=True, color_system="truecolor"
    )
    for strip in strips:
        console.print(Segments([*strip, Segment.line()]), end="")
    return console.export_svg(title="papertrack browse", theme=theme)


def draw(paths):
    """Draw these of the pictures, all of one size."""
    (size,) = {PICTURES[path][1] for path in paths}
    return asyncio.run(_draw(size, [PICTURES[path][0] for path in paths]))


if __name__ == "__main__":
    LOOKS.mkdir(exist_ok=True)
    for path in PICTURES:
        path.write_text(draw([path])[0], encoding="utf-8")
