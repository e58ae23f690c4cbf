"""The reader in the process of the tests, whose keys are pressed by Textual's pilot."""

import asyncio
from contextlib import asynccontextmanager
from types import SimpleNamespace

from invented import NOW, put, sighting
from textual.events import Key
from textual.keys import _character_to_key

from papertrack.browse.app import BrowseApp
from papertrack.browse.desk import Desk
from papertrack.browse.sections import SectionKey
from papertrack.cli.other_programs import page_address
from papertrack.library.library import Library
from papertrack.models import Topic
from papertrack.tracker import Tracker
from papertrack.tracker.refresh import NOT_REFRESHED

TOPICS = (Topic("agents", any=("agent",)), Topic("graphs", any=("graph network",)))


def fill(folder, number=40):
    """Store papers of two days, half of them on agents, each with an abstract."""
    library = Library(str(folder))
    put(
        library,
        *(
            sighting(
                f"2603.{n:05}",
                rank=n + 1,
                upvotes=100 - n,
                title=f"Paper {n} on {'agents' if n % 2 else 'proteins'}",
                abstract=f"The agent of number {n}. " + "A sentence follows. " * 40,
                authors=("Ada One", "Bo Two"),
                categories=("cs.CL",),
            )
            for n in range(number)
        ),
    )
    return library


def desk(folder, **changes):
    """A desk on a library; `done` records what other programs were asked for."""
    done, damage = [], []

    def record(name, result):
        return lambda *arguments: done.append((name, *arguments)) or result

    made = Desk(
        folder=str(folder),
        now=lambda: NOW,
        tracker=lambda: Tracker(Library(str(folder), damage.append), TOPICS, NOW),
        refresh=record("refresh", result=NOT_REFRESHED),
        address=page_address,
        open_address=record("open", result=True),
        copy=record("copy", result=True),
        edit_note=record("edit", result="a note\n"),
        add_phrase=record("add_phrase", result="added"),
        references=lambda report: " ".join(e.paper.id for e in report.sections[0].entries),
        export=lambda report, path: f"{sum(1 for _ in report.sections[0].entries)} to {path}",
        keys={},
        damage=damage,
    )
    return made._replace(**changes), done


async def _until(app, settle, condition):
    """Wait until what is drawn later is drawn."""
    for _ in range(500):
        if condition():
            return
        await asyncio.sleep(0.02)
        await settle()
    raise AssertionError(screen(app))


_HOPS = 4  # A message passes so many widgets at most until it begins work.


@asynccontextmanager
async def reading(of_desk, size=(80, 24), start=None, since=None):
    """Run the reader.

    Yield its app, `press`, `settle`, which waits for all work, and `shows`, which waits for a text
    on the screen, and `until` for any other condition.
    """
    app = BrowseApp(of_desk, start or SectionKey("today"), since)
    app.notice_seconds = 600  # a loaded machine may take long to look at the screen
    async with app.run_test(size=size) as pilot:

        async def settle():
            for _ in range(_HOPS):
                await wait_for_messages()
            while list(app.workers):
                await asyncio.sleep(0.002)
                await wait_for_messages()
            # What `pilot.pause` does last: layout and drawing would wait for a timer.
            for _ in range(_HOPS):
                app.screen._on_timer_update()  # noqa: SLF001
                await wait_for_messages()

        async def press(*keys):
            for key in keys:
                # `pilot.press` would wait until all threads rest, up to two seconds.
                app.post_message(key_event(key))
            await settle()

        async def until(condition):
            await _until(app, settle, condition)

        async def shows(text):
            await until(lambda: text in screen(app))

        wait_for_messages = pilot._wait_for_screen  # noqa: SLF001  # as above
        await settle()
        yield SimpleNamespace(
            app=app, pilot=pilot, press=press, settle=settle, until=until, shows=shows
        )


def key_event(key):
    """The event of a key, given by its name or its character."""
    return Key(_character_to_key(key) if len(key) == 1 else key, key if len(key) == 1 else None)


def lines(app):
    """The lines of the screen as text."""
    return [strip.text.rstrip() for strip in app.screen._compositor.render_strips()]  # noqa: SLF001  # no other way


def screen(app):
    """The screen as text."""
    return "\n".join(lines(app))


def states(folder):
    """What the reader has marked, by paper id."""
    return Library(str(folder)).states()


__all__ = ["desk", "fill", "lines", "reading", "screen", "states"]
