"""A few papers that stand for many: varied, and none of them odd.

They are chosen one by one, each as the paper that most raises how well the chosen ones cover all:
the sum, over all papers, of the cosine to the most similar chosen one (Lin and Bilmes, A Class of
Submodular Functions for Document Summarization, ACL 2011). The cosines are those of TF-IDF vectors
of words and pairs of words, as in `recommending`.
"""

from collections import Counter
from collections.abc import Sequence
from math import log, sqrt

from papertrack.models import Paper
from papertrack.searching.features import features


def representatives(papers: Sequence[Paper], number: int) -> list[int]:
    """The positions of at most `number` papers, the most typical first; of equal ones the first."""
    cosines = _cosines(papers)
    covered = [0.0] * len(papers)
    chosen: list[int] = []
    left = set(range(len(papers)))

    def gain(position: int) -> tuple[float, int]:
        pairs = zip(cosines[position], covered, strict=True)
        return sum(cosine - known for cosine, known in pairs if cosine > known), -position

    while left and len(chosen) < number:
        best = max(left, key=gain)
        left.remove(best)
        chosen.append(best)
        covered = list(map(max, covered, cosines[best]))
    return chosen


def _cosines(papers: Sequence[Paper]) -> list[list[float]]:
    """The cosine of each paper with each other."""
    counts = [dict(features(paper).items()) for paper in papers]
    frequencies = Counter(feature for words in counts for feature in words)
    columns: dict[int, list[tuple[int, float]]] = {}
    for position, words in enumerate(counts):
        weights = {
            word: (1 + log(times)) * log(len(papers) / frequencies[word])
            for word, times in words.items()
        }
        length = sqrt(sum(weight * weight for weight in weights.values())) or 1.0
        for word, weight in weights.items():
            columns.setdefault(word, []).append((position, weight / length))
    result = [[0.0] * len(papers) for _ in papers]
    for column in columns.values():
        for first, weight in column:
            row = result[first]
            for second, other in column:
                row[second] += weight * other
    return result
