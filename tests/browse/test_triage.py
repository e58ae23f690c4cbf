"""Twenty minutes with the reader: catching up on a week, with the network down and cron at work."""

import asyncio
from datetime import timedelta

from invented import DAY, NOW, put, sighting
from reader import desk, reading, screen, states

from papertrack.browse.sections import SectionKey
from papertrack.errors import LibraryBusy
from papertrack.library.library import Library
from papertrack.models import Failure
from papertrack.tracker.refresh import RefreshResult

OFFLINE = RefreshResult(
    failures=(Failure("huggingface", "connection", "cannot be reached"),), all_failed=True
)


def week(folder):
    """Store thirty papers a day for a week, each third of them on agents."""
    for days in range(7):
        day = DAY - timedelta(days=days)
        rows = (
            sighting(
                f"26{3 - days // 4:02}.{1000 * days + n:05}",
                day=day,
                at=NOW - timedelta(days=days),
                rank=n + 1,
                upvotes=60 - n,
                title=f"Title{days}x{n} {'agents' if n % 3 == 0 else 'proteins'} word{n}of{days}",
                abstract=f"Number {n} of day {days}.",
            )
            for n in range(30)
        )
        put(Library(str(folder)), *rows)


def test_a_week_is_triaged_and_every_key_counts(tmp_path):
    week(tmp_path)
    made, done = desk(tmp_path, refresh=lambda _: OFFLINE)

    async def work():
        async with reading(made, size=(100, 30), start=SectionKey("catchup")) as reader:
            app, press = reader.app, reader.press
            total = len(app.papers)
            assert total > 100
            ids = app.papers.ids[:9]
            for number, _ in enumerate(ids):
                await press({0: "s", 1: "h", 2: "r"}[number % 3])
                if number % 3 == 0:
                    await press("r")
            assert app.papers.cursor == len(ids)
            marked = states(tmp_path)
            assert len(marked) == 9
            assert sum(state.starred for state in marked.values()) == 3
            await press("R")
            await reader.shows("huggingface: cannot be reached")
            put(Library(str(tmp_path)), sighting("2603.29999", upvotes=1, title="Came by cron"))
            current = app.papers.current_id
            app.watch_library()
            await reader.settle()
            assert "2603.29999" in app.papers.ids
            assert app.papers.current_id == current
            reader.app.screen.styles.width = 40  # a terminal that becomes narrow meanwhile
            await press("slash", *"agents is:starred", "enter")
            assert app.papers.contents.total == len(app.papers.ids) > 0
            await press("v", "G", "c")
            assert done[-1][0] == "copy"
            await press("escape", "escape", "u", "u")
            await press("tab")
            assert app.papers.key == SectionKey("rising")

    asyncio.run(work())
    assert len(states(tmp_path)) == 7, "the last two changes, on two papers, are undone"


def test_a_change_that_cannot_be_written_is_reported_and_the_reader_goes_on(tmp_path):
    week(tmp_path)
    made, _ = desk(tmp_path)

    def busy():
        raise LibraryBusy("another run holds the library", next_step="try again")

    async def work():
        async with reading(made) as reader:
            reader.app.desk = made._replace(tracker=busy)
            await reader.press("s")
            assert "another run holds the library" in screen(reader.app)
            reader.app.desk = made
            await reader.press("s")
            assert len(states(tmp_path)) == 1

    asyncio.run(work())
