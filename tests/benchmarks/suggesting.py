"""What the first suggestion of `topics suggest` does to topics, measured with labelled papers.

    python tests/benchmarks/suggesting.py            # ICCV 2023, titles by session (../shared/eval)
    python tests/benchmarks/suggesting.py LIBRARY    # arXiv's primary categories, as in related.py

prints for each topic its F1, the change when the first suggestion is accepted, and what it adds;
at the end in how many topics F1 rises and falls. The limit for parts of phrases in
papertrack/tracker/additions.py was decided by the sessions, that for other terms by both.
"""

import gzip
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import yaml
from related import LEAST, PHRASES, f1

from papertrack.library.library import Library
from papertrack.library.storing import store
from papertrack.models import Paper, Sighting, Topic
from papertrack.tracker import Tracker
from papertrack.tracker.suggestions import suggest_terms

SHARED = Path(__file__).parents[3] / "shared"
NOW = datetime(2026, 3, 31, 18, tzinfo=UTC)


def sessions():
    """A library of the titles, the topics with their right papers, and the papers to judge by."""
    spec = yaml.safe_load((SHARED / "eval/topics/iccv2023.yaml").read_text())
    library, papers, judged = Library(None), {}, set()
    with gzip.open(SHARED / "data/labelled/iccv2023_titles_by_session.jsonl.gz", "rt") as lines:
        for number, paper in enumerate(map(json.loads, lines)):
            papers[f"iccv:{number}"] = paper
            if paper["section"] not in spec["mixed"] and "/workshops/" not in paper["file"]:
                judged.add(f"iccv:{number}")
    with library.transaction():
        store(library, [Sighting(Paper(k, p["title"]), "import", NOW) for k, p in papers.items()])
    topics = [
        (
            Topic(topic["name"], any=tuple(topic["any"])),
            {key for key in judged if papers[key]["section"] == topic["label"]},
        )
        for topic in spec["topics"]
    ]
    return library, topics, judged


def categories(folder):
    """The same for the library in a folder, with a topic for each large primary category."""
    library = Library(folder)
    right = {}
    for entry in library.all_entries():
        right.setdefault(entry.paper.categories[0], set()).add(entry.paper.id)
    names = [name for name in PHRASES if len(right.get(name, ())) >= LEAST]
    topics = [(Topic(name, any=PHRASES[name]), right[name]) for name in names]
    return library, topics, set().union(*right.values())


def matched(tracker, topic):
    """The ids of the papers of a topic."""
    return {entry.paper.id for entry in tracker.with_phrases_only([topic]).matching()}


def main():
    """Measure and print."""
    library, topics, judged = categories(sys.argv[1]) if sys.argv[1:] else sessions()
    tracker, changes = Tracker(library, (), NOW), []
    for topic, right in topics:
        before = matched(tracker, topic) & judged
        after, what = before, "no suggestion"
        if add := suggest_terms(tracker, topic).add:
            what = f"{add[0].phrase}: {add[0].adds:,} more"
            changed = topic._replace(any=(*topic.any, add[0].phrase))
            after = matched(tracker, changed) & judged
        changes.append(f1(after, right) - f1(before, right))
        sys.stdout.write(
            f"{topic.name:<36}{len(before):>6,} match {len(right):>6,} right  "
            f"F1 {f1(before, right):.3f} {changes[-1]:+.3f}  {what}\n"
        )
    risen, fallen = sum(c > 0 for c in changes), sum(c < 0 for c in changes)
    sys.stdout.write(
        f"F1 rises in {risen} ({risen / len(changes):.0%}) and falls in {fallen} "
        f"({fallen / len(changes):.0%}) of {len(changes)} topics; "
        f"macro F1 {sum(changes) / len(changes):+.3f}\n"
    )


if __name__ == "__main__":
    main()
