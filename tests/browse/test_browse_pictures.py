"""The pictures show the reader as it is, and hostile texts stay text in it.

`python tests/browse/pictures.py` draws the pictures again; look at them.
"""

import asyncio
import html
import re

import pytest
from invented import put, sighting
from pictures import PICTURES, draw
from reader import desk, fill, reading
from tricks import TRICKS, unseemly

from papertrack.library.library import Library


def _words(svg):
    return html.unescape(re.sub(r"<style>.*?</style>|<[^>]*>", " ", svg, flags=re.DOTALL)).split()


@pytest.mark.parametrize("size", sorted({size for _, size in PICTURES.values()}))
def test_the_pictures_show_the_reader_as_it_is(size):
    paths = [path for path, (_, of_picture) in PICTURES.items() if of_picture == size]
    for path, svg in zip(paths, draw(paths), strict=True):
        assert _words(svg) == _words(path.read_text(encoding="utf-8")), path


def test_hostile_texts_stay_text(tmp_path):
    library = Library(str(tmp_path))
    texts = [" ".join(TRICKS[first : first + 4]) for first in range(0, len(TRICKS), 4)]
    put(
        library,
        *(
            sighting(f"2603.{number:05}", rank=number + 1, title=f"x {text}", abstract=text * 3)
            for number, text in enumerate(texts)
        ),
    )
    made, _ = desk(tmp_path)
    drawn = []

    async def work():
        async with reading(made, size=(200, 50)) as reader:
            assert len(reader.app.papers) == len(texts)
            for _ in texts:
                drawn.extend(
                    segment.text
                    for strip in reader.app.screen._compositor.render_strips()  # noqa: SLF001
                    for segment in strip
                )
                await reader.press("j")

    asyncio.run(work())
    assert unseemly("".join(drawn), "") == []
    assert any("[red]red[/red]" in text for text in drawn), "markup is text"


def test_keys_answer_while_the_library_is_busy_and_nothing_is_lost(tmp_path):
    fill(tmp_path, 5)
    made, _ = desk(tmp_path)

    async def work():
        async with reading(made) as reader:
            app = reader.app
            other = Library(str(tmp_path))
            with other.transaction():
                await reader.press("j")
                app.action_star()
                app.action_down()
                assert app.papers.cursor == 2, "keys answer while the library is busy"
            await reader.settle()
            assert [state.starred for state in Library(str(tmp_path)).states().values()] == [True]

    asyncio.run(work())
