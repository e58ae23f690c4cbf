"""How quickly `papertrack browse` begins and answers, in a library of 80,000 papers.

    python tests/benchmarks/browsing.py [LIBRARY]

Without a library, that of scale.py is used, and built if it is missing. Prints the time until the
first screen shows papers (with the start of Python and all imports), the time from a key to the
screen that it changes, from the last letter of a query to its results, and the peak memory.
Nothing fails, the figures are for reading: medians (smallest-largest).
"""

import asyncio
import resource
import sys
from pathlib import Path
from statistics import median
from subprocess import run
from time import perf_counter

if len(sys.argv) > 1 and sys.argv[1] == "--measure":
    BEGUN = perf_counter()

QUERIES = ("video generation", "speculative decoding", "retrieval augmented generation", "difusion")
KEYS = [*"jjjjjjkkk", "G", "g", *"jjj", "pagedown", "pagedown", "pageup"]
MARKS = ("s", "r", "h", "u", "u", "u")


async def measure(folder):
    """Start the reader on a library, press keys and type queries; yield names and milliseconds."""
    sys.path[:0] = [str(Path(__file__).parents[1] / "browse"), str(Path(__file__).parents[1])]
    from datetime import UTC, datetime, time

    from reader import desk, key_event

    from papertrack.browse.app import BrowseApp
    from papertrack.browse.sections import SectionKey
    from papertrack.library.library import Library
    from papertrack.models import Topic
    from papertrack.tracker import Tracker

    now = datetime.combine(Library(folder).listing_days()[-1], time(18), UTC)
    topics = (Topic("video", any=("video generation",)), Topic("agents", any=("LLM agent",)))
    made, _ = desk(folder)
    made = made._replace(now=lambda: now, tracker=lambda: Tracker(Library(folder), topics, now))
    shown = asyncio.Event()

    class Measured(BrowseApp):
        def post_display_hook(self):
            shown.set()

    app = Measured(made, SectionKey("today"))

    async def until(condition):
        while not condition():
            shown.clear()
            await shown.wait()
        return perf_counter()

    async def key(name, is_answered):
        begun = perf_counter()
        shown.clear()
        app.post_message(key_event(name))
        await shown.wait()
        return 1000 * (await until(is_answered) - begun)

    async with app.run_test(size=(160, 45)) as pilot:
        yield "first screen", 1000 * (await until(lambda: app.papers.current) - BEGUN)
        for name in KEYS:
            yield "key while papers are counted", await key(name, lambda: True)
        await until(lambda: SectionKey("unread") in app.section_view.counts)
        for name in KEYS:
            yield "key", await key(name, lambda: True)
        for query in QUERIES:
            await key("/", lambda: True)
            for letter in query:
                wanted = app.prompt.text + letter
                name = SectionKey("search", wanted)
                took = await key(letter, lambda name=name: app.papers.key == name)
                await until(
                    lambda: app.papers.entry(app.papers.current_id or "") or not app.papers.ids
                )
                await asyncio.sleep(0.05)  # as people type
            yield "results after the last letter", took
            await pilot.press("escape")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    yield "peak memory (MB)", peak


async def _print(folder):
    figures = {}
    async for name, value in measure(folder):
        figures.setdefault(name, []).append(value)
    for name, values in figures.items():
        sys.stdout.write(
            f"{name:32} {median(values):7.0f}  ({min(values):.0f}-{max(values):.0f})\n"
        )


def main():
    """Measure in a process of its own, so that its start counts."""
    if sys.argv[1:2] == ["--measure"]:
        asyncio.run(_print(sys.argv[2]))
        return
    folder = sys.argv[1] if len(sys.argv) > 1 else None
    if folder is None:
        import scale

        folder = str(scale.kept(scale.OURS, 80_000))
    run([sys.executable, __file__, "--measure", folder], check=True)


if __name__ == "__main__":
    main()
