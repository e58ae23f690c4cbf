"""How long 50 topics with 200 phrases take, beside a naive loop of rapidfuzz and reading alone.

    python tests/benchmarks/matching.py [PAPERS]

prints, for so many papers (20,000 unless told), microseconds a paper: reading and tokenising them,
matching by one process and by several, as papertrack does it, and the naive loop (partial_ratio of
each phrase with each text, for a few papers only; and token_set_ratio, which knows words); then the
milliseconds that a day of 60 papers takes a matcher that was just made. All take turns in pieces,
so that a busy moment meets them alike. Phrases are runs of words from titles.
"""

import gc
import json
import re
import sys
from functools import partial
from itertools import islice
from random import Random
from statistics import median
from time import perf_counter

from rapidfuzz import fuzz
from startup import papers

from papertrack.matching.matcher import BATCH_SIZE, Matcher
from papertrack.matching.vocabulary import known_words
from papertrack.models import Paper, Topic
from papertrack.processes import batched, parallel_map

TOPICS, PHRASES, A_DAY, NAIVE, PIECE = 50, 4, 60, 20, 5000
SCORERS = fuzz.partial_ratio, fuzz.token_set_ratio
WORD, LONG_WORD = re.compile(r"\w+"), re.compile(r"[A-Za-z-]{4,}")


def topics(titles):
    """Topics of four phrases each, of one to three words that follow each other in a title."""
    random, phrases = Random(1), {}
    while len(phrases) < TOPICS * PHRASES:
        words, length = LONG_WORD.findall(random.choice(titles)), random.choice((2, 2, 3))
        if len(words) > length:
            at = random.randrange(len(words) - length)
            phrases[" ".join(words[at : at + length])] = None
    runs = [list(phrases)[at::TOPICS] for at in range(TOPICS)]
    return [Topic(f"topic {number}", any=tuple(run)) for number, run in enumerate(runs)]


def read(line):
    """A paper of a line, and its words."""
    known = json.loads(line)
    text = f"{known['title']} {known.get('abstract') or ''}"
    return Paper(known["id"], known["title"], abstract=known.get("abstract")), WORD.findall(
        text.lower()
    )


def naively(watched, scorer, paper):
    """What a loop over all phrases finds."""
    text = f"{paper.title} {paper.abstract or ''}".lower()
    said = [one for topic in watched for one in topic.any]
    return [one for one in said if scorer(one.lower(), text) >= 90]


def timed(work, over):
    """What some work over each of some things gives, and the seconds that it takes."""
    start = perf_counter()
    return [work(one) for one in over], perf_counter() - start


def main():
    """Measure and print."""
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    lines = list(papers(size))
    watched = topics([json.loads(line)["title"] for line in islice(lines, 0, None, 7)])
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000)  # as papertrack's command has it
    alone, together, spent, naive = Matcher(watched), Matcher(watched), [0.0] * 5, 0
    for at in range(0, size, PIECE):
        found, reading = timed(read, lines[at : at + PIECE])
        known = [paper for paper, _ in found]
        _, matching = timed(alone.match_all, batched(known, BATCH_SIZE))
        _, sharing = timed(tuple, [parallel_map(together.match_all, batched(known, BATCH_SIZE))])
        loops = [timed(partial(naively, watched, scorer), known[:NAIVE])[1] for scorer in SCORERS]
        both = zip(spent, (reading, matching, sharing, *loops), strict=True)
        spent, naive = [sum(pair) for pair in both], naive + len(known[:NAIVE])
    reading, matching, sharing = (1e6 * one / size for one in spent[:3])
    looping, sets = (1e6 * one / naive for one in spent[3:])
    days = [day(watched, lines[at : at + A_DAY]) for at in range(0, 10 * A_DAY, A_DAY)]
    few = [day(watched[:3], lines[at : at + A_DAY]) for at in range(0, 10 * A_DAY, A_DAY)]
    sys.stdout.write(f"""{size:,} papers, {TOPICS} topics, {TOPICS * PHRASES} phrases: us a paper
reading and tokenising {reading:8.0f}
matching               {matching:8.0f}   {matching / reading:.1f} x reading
matching, shared       {sharing:8.0f}   {sharing / reading:.1f} x reading
naive loop             {looping:8.0f}   {looping / matching:.0f} x, {looping / sharing:.0f} x shared
with token_set_ratio   {sets:8.0f}   {sets / matching:.0f} x, {sets / sharing:.0f} x shared
a day's {A_DAY} papers, cold: {median(days):.1f} ms; with 3 topics {median(few):.1f} ms
""")


def day(watched, lines):
    """The milliseconds for a day's papers, with all that is kept forgotten."""
    found = [paper for paper, _ in map(read, lines)]
    known_words.cache_clear()
    start = perf_counter()
    matcher = Matcher(watched)
    matcher.match_all(found)
    return 1000 * (perf_counter() - start)


if __name__ == "__main__":
    main()
