"""How well `recommend` ranks, with simulated readers of real papers.

    python tests/benchmarks/recommending.py [--held-out] [--vectors FILE --part N] [READERS]

The readers are those of ../shared/eval/recommend, READERS of each kind (16 if not given), without a
library: the papers go to `Ranking`. With --held-out they are others: other draws and, where there
are enough, other categories.

The shipped word vectors were made from the same papers and their categories, which are what these
readers look for. What they do for other papers is measured with vectors of FILE, made from the
parts of the corpus before part N (see tests/build_word_vectors.py), and readers whose candidates
are of part N: papers that came later. The readers of ICCV sessions take part, too, as none of
their labels is in the corpus. The constants were chosen in this way.
"""

import argparse
import gc
import sys
from itertools import islice, product
from pathlib import Path
from time import process_time

from papertrack.models import Paper
from papertrack.searching.recommending import Ranking, learn_word_vectors, represent, sampled
from papertrack.searching.word_vectors import from_bytes

EVALUATION = Path(__file__).parents[2].parent / "shared" / "eval"
sys.path[:0] = [str(EVALUATION), str(EVALUATION / "recommend")]
import datasets  # noqa: E402
from recommend_eval import HIDES, STARS, summary  # noqa: E402


def evaluated(number):
    return [reader for kind in datasets.KINDS.values() for reader in kind(16)[:number]]


def held_out(number):
    """Readers of other draws; categories of the evaluation are left out where others are left."""
    names = {
        reader.name for kind in ("category", "intersection") for reader in datasets.KINDS[kind](16)
    }
    draw, datasets.rng = datasets.rng, lambda *key: draw("dev", *key)
    readers = []
    for kind, make in datasets.KINDS.items():
        made = make(60 if kind in {"category", "intersection"} else number)
        readers += [reader for reader in made if reader.name not in names][:number]
    datasets.rng = draw
    return readers


def paper(fields):
    return Paper(
        fields["id"],
        fields["title"],
        abstract=fields.get("abstract") or None,
        authors=tuple(fields.get("authors", ())),
    )


def rank(vectors, reader, stars, hides):
    papers = [
        list(map(paper, group))
        for group in (reader.starred[:stars], reader.hidden[:hides], reader.candidates)
    ]
    learned = learn_word_vectors(sampled([one for group in papers for one in group]))
    ranking = Ranking(*papers, represent(learned, vectors))
    ordered = ranking.order([candidate.id for candidate in papers[2]])
    return [paper_id for paper_id, _ in islice(ordered, 100)]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("readers", nargs="?", type=int, default=16)
    parser.add_argument("--held-out", action="store_true")
    parser.add_argument("--vectors")
    parser.add_argument("--part")
    asked = parser.parse_args()
    readers = held_out(asked.readers) if asked.held_out else evaluated(asked.readers)
    if asked.part:
        readers = [
            each
            for each in readers
            if each.name.endswith(f"part {asked.part}") or each.kind == "session"
        ]
    vectors = from_bytes(Path(asked.vectors).read_bytes()) if asked.vectors else None
    gc.freeze()
    start = process_time()
    runs = {
        (index, setting): rank(vectors, reader, *setting)
        for index, reader in enumerate(readers)
        for setting in product(STARS, HIDES)
    }
    seconds = (process_time() - start) / len(runs)
    sys.stdout.write(f"{len(readers)} readers, {seconds:.2f} s each time\n")
    for name, value in summary(readers, runs).items():
        if isinstance(value, float):
            sys.stdout.write(f"{name:16} {value:.3f}\n")


if __name__ == "__main__":
    main()
