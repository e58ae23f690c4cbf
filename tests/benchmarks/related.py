"""What `breadth: related` adds to topics, measured with arXiv's primary categories as labels.

    python tests/benchmarks/related.py LIBRARY

LIBRARY is a folder with the library of a corpus: `papertrack import` of each part of
../shared/data/corpus makes one. For each primary category with 200 papers or more there is a topic,
whose phrases are what a person would write who read its name and description in arXiv's taxonomy.
A paper is right where the category is its primary one. Everything was chosen by the figures of one
half of the papers, by their ids; the other half is the one to report.
"""

import gc
import sys
from datetime import UTC, datetime
from time import perf_counter
from zlib import crc32

from papertrack.library.library import Library
from papertrack.models import Topic
from papertrack.tracker import Tracker
from papertrack.tracker.papers import Selection, list_papers

LEAST = 200
PHRASES = {
    "cs.CV": (
        "computer vision",
        "image recognition",
        "object detection",
        "image segmentation",
    ),
    "cs.CL": (
        "natural language processing",
        "computational linguistics",
        "machine translation",
        "language model",
    ),
    "cs.LG": (
        "machine learning",
        "supervised learning",
        "reinforcement learning",
        "deep learning theory",
    ),
    "cs.AI": (
        "artificial intelligence",
        "expert systems",
        "automated planning",
        "knowledge representation",
    ),
    "quant-ph": (
        "quantum computing",
        "quantum information",
        "quantum entanglement",
    ),
    "cond-mat.mtrl-sci": (
        "materials science",
        "crystal structure",
        "density functional theory",
        "thin films",
    ),
    "cs.RO": (
        "robotics",
        "robot manipulation",
        "motion planning",
    ),
    "cond-mat.mes-hall": (
        "quantum dots",
        "two-dimensional electron gas",
        "graphene",
        "spintronics",
    ),
    "cond-mat.str-el": (
        "strongly correlated electrons",
        "Hubbard model",
        "spin liquid",
        "quantum magnetism",
    ),
    "cond-mat.stat-mech": (
        "statistical mechanics",
        "phase transitions",
        "thermodynamics",
        "non-equilibrium",
    ),
    "physics.chem-ph": (
        "chemical physics",
        "quantum chemistry",
        "molecular dynamics",
    ),
    "cond-mat.supr-con": (
        "superconductivity",
        "superconductor",
        "Cooper pairs",
    ),
    "cs.GR": (
        "computer graphics",
        "rendering",
        "animation",
    ),
    "eess.IV": (
        "image processing",
        "medical imaging",
        "image reconstruction",
        "video compression",
    ),
    "cs.IT": (
        "information theory",
        "coding theory",
        "channel capacity",
    ),
    "cs.NE": (
        "evolutionary computing",
        "genetic algorithm",
        "spiking neural network",
    ),
    "physics.comp-ph": (
        "computational physics",
        "numerical simulation",
    ),
    "cs.CR": (
        "cryptography",
        "security",
        "attack",
    ),
    "physics.ao-ph": (
        "atmospheric physics",
        "weather forecasting",
        "climate model",
        "ocean",
    ),
    "cs.HC": (
        "human-computer interaction",
        "user interface",
        "user study",
    ),
    "cs.GT": (
        "game theory",
        "mechanism design",
        "auction",
    ),
    "cs.SE": (
        "software engineering",
        "code generation",
        "program testing",
    ),
    "cs.IR": (
        "information retrieval",
        "recommender system",
        "search engine",
    ),
    "eess.SY": (
        "control systems",
        "control theory",
        "power system",
    ),
    "cs.SD": (
        "sound",
        "music",
        "audio",
    ),
    "cs.CE": (
        "computational engineering",
        "computational finance",
        "finite element",
    ),
    "cond-mat.dis-nn": (
        "disordered systems",
        "spin glass",
        "Anderson localization",
    ),
    "cs.CY": (
        "computers and society",
        "AI ethics",
        "education",
    ),
    "math.NA": (
        "numerical analysis",
        "numerical methods for differential equations",
        "finite element method",
    ),
    "cs.DC": (
        "distributed computing",
        "parallel computing",
        "cluster computing",
    ),
    "eess.AS": (
        "speech recognition",
        "speech synthesis",
        "audio processing",
    ),
    "eess.SP": (
        "signal processing",
        "radar",
        "wireless signal",
    ),
    "nlin.CD": (
        "chaos",
        "chaotic dynamics",
        "nonlinear dynamics",
    ),
    "cs.MA": (
        "multi-agent systems",
        "multi-agent coordination",
    ),
}


def f1(found, right):
    """The harmonic mean of precision and recall."""
    return 2 * len(found & right) / max(len(found) + len(right), 1)


def half(ids, which):
    """Half of some papers."""
    return {one for one in ids if crc32(one.encode()) % 2 == which}


def measured(tracker, name, right):
    """For both halves the F1 of the phrases and with what is related; how many that is, seconds."""
    start = perf_counter()
    sections = list_papers(tracker, Selection(name, everything=True)).sections
    matched, *related = [{one.paper.id for one in section.entries} for section in sections]
    seconds = perf_counter() - start
    both = matched.union(*related)
    figures = [
        f1(half(found, which), half(right, which)) for which in (0, 1) for found in (matched, both)
    ]
    return figures, len(matched), len(both) - len(matched), seconds


def main():
    """Measure and print."""
    gc.set_threshold(100_000)
    library = Library(sys.argv[1])
    labels = {}
    for entry in library.all_entries():
        labels.setdefault(entry.paper.categories[0], set()).add(entry.paper.id)
    names = [name for name in PHRASES if len(labels.get(name, ())) >= LEAST]
    topics = tuple(Topic(name, any=PHRASES[name], breadth="related") for name in names)
    tracker = Tracker(library, topics, datetime(2026, 3, 31, 18, tzinfo=UTC))
    start = perf_counter()
    tracker.relevance()
    sys.stdout.write(f"{len(topics)} models made in {perf_counter() - start:.1f} s\n")
    every = []
    for name in names:
        figures, matched, related, seconds = measured(tracker, name, labels[name])
        every.append(figures)
        sys.stdout.write(
            f"{name:<20}{len(labels[name]):>7,} right {matched:>7,} match {related:>7,} related  "
            f"F1 {figures[0]:.3f} {figures[1]:.3f} | {figures[2]:.3f} {figures[3]:.3f}"
            f" {seconds:6.1f} s\n"
        )
    chosen, chosen_too, phrases, both = (
        sum(column) / len(every) for column in zip(*every, strict=True)
    )
    sys.stdout.write(f"macro F1, the half chosen by: {chosen:.3f} to {chosen_too:.3f}\n")
    sys.stdout.write(f"macro F1, the other half: {phrases:.3f} to {both:.3f}\n")


if __name__ == "__main__":
    main()
