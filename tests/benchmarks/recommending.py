"""How well `recommend` ranks, with simulated readers of real papers.

    python tests/benchmarks/recommending.py [--held-out] [READERS]

The readers are those of ../shared/eval/recommend, READERS of each kind (16 if not given), without a
library: the papers go to `Ranking`. With --held-out they are others, by which the constants were
chosen, ten of a kind: other draws and, where there are enough, other categories. They were chosen
again after the readers of the evaluation had shown a balance below that of a linear SVM.
"""

import gc
import sys
from itertools import product
from pathlib import Path
from time import process_time

from papertrack.models import Paper
from papertrack.searching.recommending import Ranking, learn_latent_space, sampled

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


def rank(reader, stars, hides):
    papers = [
        list(map(paper, group))
        for group in (reader.starred[:stars], reader.hidden[:hides], reader.candidates)
    ]
    space = learn_latent_space(sampled([one for group in papers for one in group]))
    best = Ranking(*papers, space).best([candidate.id for candidate in papers[2]], 100)
    return [recommendation.id for recommendation in best]


def main():
    number = next((int(word) for word in sys.argv[1:] if word.isdigit()), 16)
    readers = held_out(number) if "--held-out" in sys.argv else evaluated(number)
    gc.freeze()
    start = process_time()
    runs = {
        (index, setting): rank(reader, *setting)
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
