"""How long 50 topics with 200 phrases take, beside a naive loop of rapidfuzz and reading alone.

    python tests/benchmarks/matching.py [PAPERS]

prints microseconds a paper, for 20,000 papers by default: reading and tokenising them, matching,
and the naive loop (partial_ratio of each phrase with each text, for a few papers only; and
token_set_ratio, which knows words). They take turns in pieces, so that a busy moment affects them
alike. Then the CPU milliseconds for a day of 60 papers, in a new process, which imports what reads
TeX and parses the phrases, and once more in the same process: reading the papers as lines of JSON
and tokenising them as papertrack does, and matching them. Phrases are runs of words from titles.
"""

import gc
import json
import re
import subprocess
import sys
from functools import partial
from itertools import islice, pairwise
from random import Random
from statistics import median
from time import perf_counter, process_time

from rapidfuzz import fuzz
from startup import papers

from papertrack.matching.matcher import BATCH_SIZE, Matcher
from papertrack.matching.words import TokenizedText
from papertrack.models import Paper, Topic
from papertrack.text import readable

TOPICS, PHRASES, A_DAY, NAIVE, PIECE = 50, 4, 60, 20, 5000
HEADING = f"{'read, tokenise':>15}{'match':>8}{'':7}"
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
    paper = paper_of(line)
    return paper, WORD.findall(f"{paper.title} {paper.abstract or ''}".lower())


def paper_of(line):
    known = json.loads(line)
    return Paper(known["id"], known["title"], abstract=known.get("abstract"))


def match_naively(watched, scorer, paper):
    """The phrases that a loop over all phrases finds."""
    text = f"{paper.title} {paper.abstract or ''}".lower()
    phrases = [phrase for topic in watched for phrase in topic.any]
    return [phrase for phrase in phrases if scorer(phrase.lower(), text) >= 90]


def timed(work, items):
    """The results of some work for each item, and the seconds that it takes."""
    start = perf_counter()
    return [work(item) for item in items], perf_counter() - start


def main():
    """Measure and print."""
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    lines = list(papers(size))
    watched = topics([json.loads(line)["title"] for line in islice(lines, 0, None, 7)])
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000)  # as papertrack's command has it
    matcher, seconds, naive_papers = Matcher(watched), [0.0] * 4, 0
    for at in range(0, size, PIECE):
        results, reading = timed(read, lines[at : at + PIECE])
        read_papers = [paper for paper, _ in results]
        batches = [
            read_papers[at : at + BATCH_SIZE] for at in range(0, len(read_papers), BATCH_SIZE)
        ]
        _, matching = timed(matcher.match_all, batches)
        few = read_papers[:NAIVE]
        loops = [timed(partial(match_naively, watched, scorer), few)[1] for scorer in SCORERS]
        pairs = zip(seconds, (reading, matching, *loops), strict=True)
        seconds, naive_papers = [sum(pair) for pair in pairs], naive_papers + len(few)
    reading, matching = (1e6 * spent / size for spent in seconds[:2])
    looping, sets = (1e6 * spent / naive_papers for spent in seconds[2:])
    cold = [day(watched, lines[at : at + A_DAY]) for at in range(0, 10 * A_DAY, A_DAY)]
    few = [day(watched[:3], lines[at : at + A_DAY]) for at in range(0, 10 * A_DAY, A_DAY)]
    sys.stdout.write(f"""{size:,} papers, {TOPICS} topics, {TOPICS * PHRASES} phrases: us a paper
reading and tokenising {reading:8.0f}
matching               {matching:8.0f}   {matching / reading:.1f} x reading
naive loop             {looping:8.0f}   {looping / matching:.0f} x matching
with token_set_ratio   {sets:8.0f}   {sets / matching:.0f} x matching

CPU ms for a day's {A_DAY} papers{"":13}{"new process":32}{"again"}
{"":12}{HEADING}{HEADING}
{TOPICS} topics {row(cold)}
 3 topics {row(few)}
""")


def row(days):
    """The medians of columns, and how many times reading and tokenising matching takes."""
    medians = list(map(median, zip(*days, strict=True)))
    return "".join(
        f"{reading:17.1f}{matching:8.1f}{matching / reading:5.1f} x"
        for reading, matching in zip(medians[::2], medians[1::2], strict=True)
    )


def day(watched, lines):
    """The CPU milliseconds for a day's papers, in a process that has matched none before."""
    given = json.dumps([lines, [topic.any for topic in watched]])
    command = [sys.executable, __file__, "--day"]
    ended = subprocess.run(command, input=given, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(ended.stdout)


def measure_day():
    """Print the columns of `row`, for the papers and phrases of standard input."""
    lines, phrases = json.load(sys.stdin)
    watched = [Topic(str(number), any=tuple(some)) for number, some in enumerate(phrases)]
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000)
    matcher, moments = None, [process_time()]
    for _ in range(2):
        texts = list(map(paper_of, lines))
        for paper in texts:
            TokenizedText(readable(paper.title))
            TokenizedText(readable(paper.abstract or ""))
        moments.append(process_time())
        matcher = matcher or Matcher(watched)
        matcher.match_all(texts)
        moments.append(process_time())
    json.dump([1000 * (after - before) for before, after in pairwise(moments)], sys.stdout)


if __name__ == "__main__":
    measure_day() if sys.argv[1:] == ["--day"] else main()
