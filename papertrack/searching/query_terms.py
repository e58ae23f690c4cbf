"""What the words of a query ask for, in the words that the papers say."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise, product

from papertrack.searching.lexicon import Lexicon, QueryTerm, Row

COMMON = frozenset(
    (
        *("a", "about", "an", "and", "are", "as", "at", "be", "been", "by", "can", "do", "for"),
        *("from", "had", "has", "have", "how", "if", "in", "into", "is", "it", "its", "not", "of"),
        *("on", "or", "our", "over", "such", "than", "that", "the", "their", "there", "these"),
        *("this", "to", "using", "was", "we", "were", "what", "when", "which", "with"),
    )
)


def query_terms(words: Sequence[str], lexicon: Lexicon) -> tuple[list[QueryTerm], list[QueryTerm]]:
    """What is asked for, and the neighbours in it that count more where they stand together.

    *pre-trained*, *pre trained* and *pretrained* ask for the same: for one word where papers write
    one, which is said by those who write two as well, else for two.
    """
    written = [word if word not in COMMON else "" for word in words]
    if not any(written):
        written = list(words)
    units = list(_united(_as_papers_do(written, lexicon), lexicon))
    pairs = (_neighbours(first, last) for first, last in pairwise(units) if first and last)
    return _different(units), _different(pairs)


def _different(units: Iterable[QueryTerm | None]) -> list[QueryTerm]:
    return [one for one in dict.fromkeys(units) if one and (one.words or one.rows)]


def _as_papers_do(words: Sequence[str], lexicon: Lexicon) -> Iterator[str]:
    """Each word as papers write it: repaired, or divided; "" stands for words that tell nothing."""
    for word in words:
        known = lexicon.inflections(word) if word else ()
        parts = lexicon.parts(word) if word else ()
        if parts and lexicon.are_rather_two(known, parts):
            yield from parts
        else:
            yield word if known or not word else lexicon.nearest(word) or word


def _united(words: Iterable[str], lexicon: Lexicon) -> Iterator[QueryTerm | None]:
    """A unit for each word, and one for two words that papers write as one."""
    waiting = list(words)
    while waiting:
        word = waiting.pop(0)
        if not word:
            yield None
            continue
        joined = lexicon.inflections(word + waiting[0]) if waiting and waiting[0] else ()
        if not joined:
            yield _one(word, lexicon.parts(word), lexicon)
        elif lexicon.are_rather_two(joined, parts := (word, waiting[0])):
            waiting.pop(0)
            yield from _two(parts, joined, lexicon)
        else:
            yield _one(word + waiting.pop(0), parts, lexicon)


def _one(word: str, parts: Row, lexicon: Lexicon) -> QueryTerm:
    spelled = tuple((one,) for one in lexicon.numbers(word)) + ((parts,) if parts else ())
    rows = lexicon.rows(parts) if parts else ()
    return QueryTerm(lexicon.inflections(word), rows, spelled)


def _two(parts: Row, joined: Row, lexicon: Lexicon) -> Iterator[QueryTerm]:
    """Two words, of which each is said where they are written as one."""
    for part in parts:
        one = _one(part, (), lexicon)
        yield one._replace(words=one.words + joined)


def _neighbours(first: QueryTerm, last: QueryTerm) -> QueryTerm:
    rows = (a + b for a, b in product(first.spelled, last.spelled))
    return QueryTerm((), tuple(dict.fromkeys(rows)))
