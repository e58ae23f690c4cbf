"""A reader of arXiv through the mirror, and what the mirror's own data say of a day."""

import json
import lzma
from functools import cache
from urllib.request import urlopen

from program import Program

WATCHED = ("cs.CL", "cs.LG")


class Reader(Program):
    """The program of somebody who watches two categories; turns to ask are taken among those whose
    homes lie side by side.
    """

    def environ(self, **more):
        return super().environ(**({"TMPDIR": self.home.parent} | more))

    def watch(self, mirror, *, enabled=True, delay=0, categories=WATCHED, more=""):
        """Ask the mirror in place of all services; at first it may have to build its index."""
        with urlopen(f"{mirror.base}/arxiv/api/query?id_list=2603.18743") as answer:
            answer.read()
        arxiv = {
            "enabled": enabled,
            "categories": list(categories),
            "api_url": f"{mirror.base}/arxiv/api/query",
            "rss_url": f"{mirror.base}/rss",
            "oai_url": f"{mirror.base}/oai/oai",
            "delay_seconds": delay,
        }
        sources = {"huggingface": {"base_url": mirror.url}, "arxiv": arxiv}
        self.configure(f"sources: {json.dumps(sources)}\n{more}")
        return self

    def at(self, mirror, now):
        """Both the program and the mirror at that moment."""
        self.now = now
        mirror.clock(now)
        return self


def corpus(data):
    """What the mirror's data list in the watched categories on each day of March 2026: whether a
    paper is new there or was crossed, by its id.
    """
    return _listed(str(max((data / "corpus").glob("*.jsonl.xz"))))


@cache
def _listed(path):
    days = {}
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        march = (json.loads(line) for line in lines if '"listed":"2026-03-' in line)
        for one in march:
            if not set(WATCHED).isdisjoint(one["categories"]):
                kind = "new" if one["categories"][0] in WATCHED else "cross"
                days.setdefault(one["listed"], {})[one["id"]] = kind
    return days


def of_arxiv(papers):
    """How arXiv listed these papers, by day and id, without their revisions."""
    days = {}
    for paper in papers:
        for listed in paper["listings"]:
            if listed["source"] == "arxiv" and listed["kind"] != "revised":
                days.setdefault(listed["day"], {})[paper["id"]] = listed["kind"]
    return days


def stored(reader):
    """All papers of the library, as JSON."""
    done = reader("list", "--all", "-f", "jsonl")
    assert done.code == 0, done.err
    return [json.loads(line) for line in done.out.splitlines()]


def new(done):
    """The papers of the section New of a run of `today` as JSON."""
    return [one for one in json.loads(done.out)["data"] if one["section"] == "new"]


def covered(reader, *words):
    """What is stored of each of arXiv's categories and days: its state and why."""
    done = reader("coverage", "--source", "arxiv", "-f", "json", *words)
    assert done.code == 0, done.err
    return {(one["category"], one["day"]): one for one in json.loads(done.out)["data"]}


def asked(mirror):
    """The requests to arXiv's three services, in order."""
    requests = mirror.log()["requests"]
    return [one for one in requests if one["upstream"] in ("rss", "oai", "arxiv")]
