"""Build papertrack/searching/word_vectors.bin from arXiv metadata. Not part of the package.

    python tests/build_word_vectors.py FILE... > papertrack/searching/word_vectors.bin

It needs numpy and scikit-learn, which the package does not. Each FILE has records of arXiv metadata
(CC0), one JSON object a line, compressed with xz. The shipped file was made from the 82,400 records
of March 2025 to March 2026 by which vocabulary.txt was made, too.

The vector of a word tells which subjects its papers are about. It is a projection of two vectors,
either scaled so that the sum of a paper's words has length 1 on average:

- one by the company of the word: latent semantic analysis (Deerwester, Dumais, Furnas, Landauer and
  Harshman, Indexing by Latent Semantic Analysis, JASIS 41, 1990);
- one by the arXiv categories of its papers: the coefficients of a ridge regression that predicts
  the categories of a paper, as far as they have enough papers, from its words (Zhang and Oles, Text
  Categorization Based on Regularized Linear Classification Methods, Information Retrieval 4, 2001).

The projection is on the directions in which papers vary most, of those with most of the variance.
The weight of a word, log(N / df), is part of its vector. Coordinates are stored as integers from
-127 to 127, in units of each word.

To judge the vectors by papers that they were not made from, make some of the earlier records and
rank later ones: tests/benchmarks/recommending.py --vectors FILE --part 4.
"""

import json
import lzma
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy import sparse
from sklearn.utils.extmath import randomized_svd

from papertrack.models import Paper
from papertrack.searching.features import word_counts
from papertrack.searching.word_vectors import in_units

_MIN_PAPERS, _MAX_SHARE = 10, 0.25  # with a word
_MIN_CATEGORY = 40  # papers
_CROSS_LIST = 0.5  # what another category counts than the first
_COMPANY_DIMENSIONS, _DIMENSIONS = 128, 96
_PENALTY, _STEPS = 2.0, 25  # of the ridge regression, by conjugate gradients


class Record(NamedTuple):
    """The words of a paper, counted, and its categories, the first one first."""

    words: Mapping[str, int]
    categories: Sequence[str]


def records(paths: Iterable[Path]) -> Iterator[Record]:
    """Yield the records of files, each id once."""
    seen: set[str] = set()
    for path in paths:
        with lzma.open(path, "rt", encoding="utf-8") as lines:
            for fields in map(json.loads, lines):
                if fields["id"] not in seen:
                    seen.add(fields["id"])
                    paper = Paper(fields["id"], fields["title"], abstract=fields["abstract"])
                    yield Record(word_counts(paper), fields["categories"])


def inverse_frequencies(papers: Sequence[Record]) -> dict[str, float]:
    """The weight of each word that has a vector, in the order of the alphabet."""
    frequencies = Counter(word for paper in papers for word in paper.words)
    most = _MAX_SHARE * len(papers)
    return {
        word: float(np.log(len(papers) / number))
        for word, number in sorted(frequencies.items())
        if _MIN_PAPERS <= number <= most
    }


def weighted(papers: Sequence[Record], inverse: Mapping[str, float]) -> sparse.csr_matrix:
    """The TF-IDF vectors of papers, of length 1."""
    positions = {word: position for position, word in enumerate(inverse)}
    rows, columns, values = [], [], []
    for row, paper in enumerate(papers):
        for word, number in paper.words.items():
            if word in positions:
                rows.append(row)
                columns.append(positions[word])
                values.append((1 + np.log(number)) * inverse[word])
    shape = len(papers), len(inverse)
    matrix = sparse.csr_matrix((np.array(values, "f4"), (rows, columns)), shape=shape)
    lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1))).ravel()
    return sparse.csr_matrix(sparse.diags(1 / np.maximum(lengths, 1e-9)) @ matrix)


def by_company(matrix: sparse.csr_matrix) -> np.ndarray:
    """The vectors of words by latent semantic analysis."""
    return randomized_svd(matrix, _COMPANY_DIMENSIONS, n_iter=5, random_state=0)[2].T


def by_categories(matrix: sparse.csr_matrix, papers: Sequence[Record]) -> np.ndarray:
    """The coefficients of words in the ridge regression of each category."""
    numbers = Counter(name for paper in papers for name in paper.categories)
    names = sorted(name for name, number in numbers.items() if number >= _MIN_CATEGORY)
    positions = {name: position for position, name in enumerate(names)}
    values = np.zeros((len(papers), len(names)), "f4")
    for row, paper in enumerate(papers):
        for place, name in enumerate(paper.categories):
            if name in positions:
                values[row, positions[name]] = _CROSS_LIST if place else 1.0
    values -= values.mean(axis=0)
    values /= np.linalg.norm(values, axis=0)  # Small categories count as much as large ones.
    transposed = sparse.csr_matrix(matrix.T)
    residual = transposed @ values
    result, direction = np.zeros_like(residual), residual
    remaining = (residual**2).sum(axis=0)
    for _ in range(_STEPS):
        image = transposed @ (matrix @ direction) + _PENALTY * direction
        step = remaining / (direction * image).sum(axis=0)
        result, residual = result + step * direction, residual - step * image
        before, remaining = remaining, (residual**2).sum(axis=0)
        direction = residual + remaining / before * direction
    return result


def projected(matrix: sparse.csr_matrix, blocks: Sequence[np.ndarray]) -> np.ndarray:
    """The vectors of words in few dimensions, from all that they have."""
    scaled = [block / np.sqrt(((matrix @ block) ** 2).sum(axis=1).mean()) for block in blocks]
    together = np.hstack(scaled)
    papers = matrix @ together
    papers /= np.maximum(np.linalg.norm(papers, axis=1, keepdims=True), 1e-9)
    directions = np.linalg.svd(papers.T @ papers)[0][:, :_DIMENSIONS]
    return together @ directions


def main(paths: Iterable[Path]) -> None:
    """Write the file to standard output."""
    papers = list(records(paths))
    inverse = inverse_frequencies(papers)
    matrix = weighted(papers, inverse)
    vectors = projected(matrix, [by_company(matrix), by_categories(matrix, papers)])
    vectors *= np.array(list(inverse.values()))[:, np.newaxis]
    stored = in_units(dict(zip(inverse, vectors.tolist(), strict=True)))
    sys.stdout.buffer.write(stored.to_bytes())


if __name__ == "__main__":
    main(map(Path, sys.argv[1:]))
