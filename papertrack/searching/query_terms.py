"""Translating the words of a query into terms, spelled as papers in the search index are."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise, product

from papertrack.searching.lexicon import STOP_WORDS, Lexicon, QueryTerm, WordRun

_TO = "to "  # "to" between two words, which may be a name such as text2image


def query_terms(words: Sequence[str], lexicon: Lexicon) -> tuple[list[QueryTerm], list[QueryTerm]]:
    """Return the terms of a query in order, and a term for each pair of neighbours in it.

    *pre-trained*, *pre trained* and *pretrained* give the same terms: a single term if most papers
    write a single word, which also matches papers that divide it, else two. So do *text-to-image*,
    *text to image* and *text2image*.
    """
    significant = list(_significant(words)) if not STOP_WORDS.issuperset(words) else words
    terms = list(_join_compounds(_correct_words(significant, lexicon), lexicon))
    pairs = (_pair(first, second) for first, second in pairwise(terms) if first and second)
    return _indexed(terms), _indexed(pairs)


def _indexed(terms: Iterable[QueryTerm | None]) -> list[QueryTerm]:
    """The terms that the index contains."""
    return [term for term in terms if term and (term.words or term.phrases)]


def _significant(words: Sequence[str]) -> Iterator[str]:
    """The words with "" for each stop word, but _TO between two other words."""
    for index, word in enumerate(words):
        around = [*words[max(0, index - 1) : index], *words[index + 1 : index + 2]]
        is_joining = word == _TO.strip() and len(around) > 1 and STOP_WORDS.isdisjoint(around)
        yield _TO if is_joining else word if word not in STOP_WORDS else ""


def _correct_words(words: Sequence[str], lexicon: Lexicon) -> Iterator[str]:
    """Each word as papers write it: divided, or corrected if unknown; "" and _TO as they are."""
    for word in words:
        if word in ("", _TO):
            yield word
            continue
        inflections, parts = lexicon.inflections(word), lexicon.parts(word)
        if parts and not lexicon.is_name(parts) and lexicon.is_usually_divided(inflections, parts):
            yield from _significant(parts)
        else:
            yield word if inflections or parts else lexicon.correction(word) or word


def _join_compounds(words: Iterable[str], lexicon: Lexicon) -> Iterator[QueryTerm | None]:
    """A term for each word, or for words that papers write as one; None for a stop word."""
    remaining = list(words)
    while remaining:
        word = remaining.pop(0)
        if word in ("", _TO):
            yield None
            continue
        parts, compound = _compound(word, remaining)
        joined = lexicon.inflections(compound) if compound else ()
        if not joined:
            yield _term(word, lexicon.parts(word), lexicon)
            continue
        del remaining[: len(parts) - 1]
        if lexicon.is_usually_divided(joined, parts):
            yield from _divided_terms(parts, joined, lexicon)
        else:
            yield _term(compound, parts, lexicon)


def _compound(word: str, following: Sequence[str]) -> tuple[WordRun, str]:
    """The words that may be a compound with those that follow, and how it is written as one."""
    if following[:1] == [_TO] and following[1]:
        return (word, _TO.strip(), following[1]), f"{word}2{following[1]}"
    return ((word, following[0]), word + following[0]) if any(following[:1]) else ((word,), "")


def _term(word: str, parts: WordRun, lexicon: Lexicon) -> QueryTerm:
    forms = tuple((form,) for form in lexicon.singular_and_plural(word))
    phrases = lexicon.inflect_last(parts) if parts else ()
    return QueryTerm(lexicon.inflections(word), phrases, forms + ((parts,) if parts else ()))


def _divided_terms(
    parts: WordRun, joined: tuple[str, ...], lexicon: Lexicon
) -> Iterator[QueryTerm | None]:
    """A term for the first and the last of these words, None for the "to" between them.

    Papers that write them as one word contain both.
    """
    first, *between, last = parts
    for part in (first, *between, last):
        term = None if part in between else _term(part, (), lexicon)
        yield term and term._replace(words=term.words + joined)


def _pair(first: QueryTerm, second: QueryTerm) -> QueryTerm:
    phrases = (a + b for a, b in product(first.variants, second.variants))
    return QueryTerm((), tuple(dict.fromkeys(phrases)))
