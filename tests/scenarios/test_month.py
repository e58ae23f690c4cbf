"""A month in the life of a reader, told against the mirror's clock.

What each step prints is in `month.txt`, read once and pinned. To write it again, run

    PYTHONPATH=tests python tests/scenarios/test_month.py

and review the differences.
"""

import json
import os
import re
import shlex
import shutil
import struct
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from forks import FORKING
from program import FORKS, Program

STORY = Path(__file__).with_name("month.txt")
RELEASED = Path(__file__).parents[1] / "library/released/1"
WIDTH = 80
CONFIG = """
sources:
  huggingface: {{base_url: '{base}/hf'}}
  arxiv: {{api_url: '{base}/arxiv/api/query', delay_seconds: 0}}
topics:
  - {{name: agents, any: [LLM agent]}}
  - {{name: video, any: [text-to-video, video world model]}}
alerts:
  starred: {{when: [new version, published, upvotes double]}}
  channels: [{{name: terminal, type: stdout, at_most: 1}}]
"""
RENEW = "PAPERTRACK_RENEW_STORY"


class Story:
    """What a reader types, and what is printed, as text."""

    def __init__(self, program, mirror):
        from fcntl import ioctl
        from termios import TIOCSWINSZ

        self.program, self.mirror = program, mirror
        self.lines = []
        # One terminal for all, as the numbers of rows are those of the table last printed on it.
        self._terminal, self._inner = os.openpty()
        ioctl(self._inner, TIOCSWINSZ, struct.pack("HHHH", 40, WIDTH, 0, 0))

    def close(self):
        """Close the terminal."""
        os.close(self._inner)
        os.close(self._terminal)

    def at(self, now, heading):
        """Begin a step at a time of all clocks."""
        self.program.now = now
        self.mirror.clock(now)
        self.lines += ["", f"## {heading} ({now[:16].replace('T', ' ')})"]

    def types(self, line):
        """Run a command on a terminal."""
        place = {
            "folder": str(self.program.home),
            "environ": self.program.environ(NO_COLOR="1", TZ="UTC"),
        }
        output, end = b"", b"\0end of the run\0"
        run = FORKS.in_terminal(shlex.split(line)[1:], self._inner, **place)
        with ThreadPoolExecutor(1) as pool, run as wait:
            ended = pool.submit(wait)
            # What was written may be readable only a moment after the run has ended.
            ended.add_done_callback(lambda _: os.write(self._inner, end))
            while not output.endswith(end):
                output += os.read(self._terminal, 65536)
        self._add(f"$ {line}", output.removesuffix(end).decode(), ended.result())

    def cron(self, line, most=40):
        """Run a command without a terminal, as cron does; keep so many lines of the output."""
        run = self.program(*shlex.split(line)[1:], env={"TZ": "UTC"})
        lines = (run.out + run.err).splitlines()
        cut = [*lines[:most], f"({len(lines) - most} more lines)"] if len(lines) > most else lines
        self._add(f"cron$ {line}", "\n".join(cut), run.code)

    def _add(self, prompt, output, code):
        for text, name in (
            (self.mirror.base, "http://mirror"),
            (self.mirror.base.removeprefix("http://"), "mirror"),
            (str(self.program.home), "~"),
        ):
            output = output.replace(text, name)
        # On a slow machine some commands show a progress bar, and erase it.
        output = re.sub(r"(?s)\x1b\[\?25l.*?\x1b\[\?25h(?:\r|\x1b\[\d*[AK])*", "", output)
        output = re.sub(r"\x1b\]8;.*?\x1b\\|\x1b\[[\d;?]*[A-Za-z]", "", output)
        lines = [line.rstrip() for line in output.splitlines()]
        self.lines += ["", prompt, *lines, *([f"(exit code {code})"] if code else [])]


def _tell(story):
    for part in (_first_day, _busy_week, _holiday, _outage, _away, _laptop, _upgrade):
        part(story)
    return "\n".join(story.lines).strip() + "\n"


def _first_day(story):
    story.at("2026-03-02T08:00:00Z", "The first day")
    story.types("papertrack -q today --limit 3")
    story.types("papertrack star 1")
    story.types("papertrack tag -t reading 1 2")
    story.cron("papertrack alert")


def _busy_week(story):
    story.at("2026-03-03T07:30:00Z", "A busy week: Tuesday, from cron")
    story.cron("papertrack alert")
    story.at("2026-03-03T18:00:00Z", "In the evening")
    story.cron("papertrack alert")
    story.types("papertrack -q today --limit 2")
    story.types('papertrack note 6 "compare with ours"')
    story.types("papertrack hide 2")
    story.types("papertrack undo")
    story.at("2026-03-05T18:00:00Z", "Thursday, without a look on Wednesday")
    story.types("papertrack -q today --limit 2")
    story.types("papertrack read 1-3")
    story.at("2026-03-06T18:00:00Z", "Friday")
    story.types("papertrack -q today --limit 1")
    story.types("papertrack list --tag reading")
    story.types("papertrack search video is:unread --limit 3")
    story.at("2026-03-07T10:00:00Z", "Saturday")
    story.types("papertrack -q today --limit 2")


def _holiday(story):
    story.at("2026-03-09T18:00:00Z", "A holiday: nothing is listed on this Monday")
    story.mirror.fail(empty_page=True, path="date=2026-03-09")
    story.types("papertrack -q today --limit 2")
    story.cron("papertrack alert")


def _outage(story):
    story.at("2026-03-10T18:00:00Z", "An outage")
    story.mirror.fail(status=404)
    story.types("papertrack -q today --limit 2")
    story.cron("papertrack alert")
    story.at("2026-03-11T18:00:00Z", "The day after")
    story.mirror.fail(empty_page=True, path="date=2026-03-09")
    story.cron("papertrack alert")
    story.types("papertrack coverage --since 2026-03-02")


def _away(story):
    story.at("2026-03-26T09:00:00Z", "Back after two weeks away")
    story.types("papertrack -q today --limit 1")
    story.types("papertrack -q catchup --papers 4")
    story.types("papertrack -q today --limit 1")
    story.cron("papertrack alert", most=24)
    story.at("2026-03-27T09:00:00Z", "The next morning")
    _publish(story)
    story.types("papertrack -q today --limit 1")
    story.cron("papertrack export --tag reading --notes")


def _publish(story):
    """Let the first starred paper appear in another version, with a changed title."""
    starred = story.program("list", "--starred", "--all", "-f", "json").out
    paper = json.loads(starred)["data"][0]
    title = f"{paper['title']} and More"
    later = {"id": paper["id"], "title": title, "version": 2, "updated": "2026-03-27T08:00:00Z"}
    (story.program.home / "later.jsonl").write_text(json.dumps(later))
    story.cron("papertrack import later.jsonl")


def _laptop(story):
    story.at("2026-03-30T09:00:00Z", "A new laptop")
    story.types("papertrack -q library backup --output papers.zip")
    old = story.program
    new = Program(old.home / "laptop")
    shutil.copy(old.home / "papers.zip", new.home)
    new.configure(CONFIG.format(base=story.mirror.base))
    story.program = new
    story.at("2026-03-30T09:30:00Z", "On it")
    story.types("papertrack -q library restore papers.zip")
    story.types("papertrack list --starred --all")
    story.types("papertrack -q today --limit 1")
    story.cron("papertrack alert")


def _upgrade(story):
    old = Program(story.program.home / "old")
    shutil.copytree(RELEASED, old.library)
    old.configure(CONFIG.format(base=story.mirror.base))
    story.program = old
    story.at("2026-03-31T20:00:00Z", "A library of papertrack 0.1")
    story.cron("papertrack library verify")
    story.types("papertrack today --offline")
    story.types("papertrack list --all --starred")
    story.types("papertrack unstar Wörter")
    story.types("papertrack star Wörter")


@pytest.mark.skipif(not FORKING, reason="needs pidfd_open and terminals of Linux")
def test_a_month_is_as_it_was_read(papertrack, mirror):
    papertrack.configure(CONFIG.format(base=mirror.base))
    with closing(Story(papertrack, mirror)) as story:
        told = _tell(story)
    if os.environ.get(RENEW):
        STORY.write_text(told, encoding="utf-8")
    assert told == STORY.read_text(encoding="utf-8")


if __name__ == "__main__":
    os.environ[RENEW] = "1"
    raise SystemExit(pytest.main([__file__, "-q", "-n", "0"]))
