"""A user of arXiv through the mirror, and the expected listings from the mirror's data."""

import json
import lzma

from program import Program

WATCHED = ("cs.CL", "cs.LG")


class Reader(Program):
    """The program of a user of two arXiv categories.

    Users whose homes have the same parent folder share the rate limit.
    """

    def environ(self, **more):
        return super().environ(**({"TMPDIR": self.home.parent} | more))

    def watch(self, mirror, *, enabled=True, delay=0, categories=WATCHED, more=""):
        """Configure the mirror as every service."""
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
        """Set the clocks of the program and the mirror."""
        self.now = now
        mirror.clock(now)
        return self


def corpus(data):
    """The listings of the watched categories for each day of March 2026, from the mirror's data.

    For each day, it maps the id of a paper to "new" or "cross".
    """
    days = {}
    with lzma.open(data / "corpus/papers.jsonl.xz", "rt", encoding="utf-8") as lines:
        march = (json.loads(line) for line in lines if '"listed":"2026-03-' in line)
        for paper in march:
            if not set(WATCHED).isdisjoint(paper["categories"]):
                kind = "new" if paper["categories"][0] in WATCHED else "cross"
                days.setdefault(paper["listed"], {})[paper["id"]] = kind
    return days


def arxiv_listings(papers):
    """The arXiv listings of papers, by day and id, without revisions."""
    days = {}
    for paper in papers:
        for listed in paper["listings"]:
            if listed["source"] == "arxiv" and listed["kind"] != "revised":
                days.setdefault(listed["day"], {})[paper["id"]] = listed["kind"]
    return days


def stored_papers(reader):
    """All papers of the library, as parsed JSON."""
    result = reader("list", "--all", "-f", "jsonl")
    assert result.code == 0, result.err
    return [json.loads(line) for line in result.out.splitlines()]


def new_papers(result):
    """The papers in the section New of the JSON output of `today`."""
    return [paper for paper in json.loads(result.out)["data"] if paper["section"] == "new"]


def coverage_rows(reader, *words):
    """The coverage of arXiv, by category and day."""
    result = reader("coverage", "--source", "arxiv", "-f", "json", *words)
    assert result.code == 0, result.err
    return {(row["category"], row["day"]): row for row in json.loads(result.out)["data"]}


def arxiv_requests(mirror):
    """The requests to the three services of arXiv, in order."""
    requests = mirror.log()["requests"]
    return [request for request in requests if request["upstream"] in ("rss", "oai", "arxiv")]
