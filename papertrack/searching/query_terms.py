"""Translating the words of a query into terms, spelled as papers in the search index are."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise, product

from papertrack.searching.lexicon import STOP_WORDS, Lexicon, QueryTerm, WordRun


def query_terms(words: Sequence[str], lexicon: Lexicon) -> tuple[list[QueryTerm], list[QueryTerm]]:
    """Return the terms of a query in order, and a term for each pair of neighbours in it.

    *pre-trained*, *pre trained* and *pretrained* give the same terms: a single term if most papers
    write a single word, which also matches papers that divide it, else two.
    """
    significant = [word if word not in STOP_WORDS else "" for word in words]
    if not any(significant):
        significant = list(words)
    terms = list(_join_compounds(_correct_words(significant, lexicon), lexicon))
    pairs = (_pair(first, second) for first, second in pairwise(terms) if first and second)
    return _indexed(terms), _indexed(pairs)


def _indexed(terms: Iterable[QueryTerm | None]) -> list[QueryTerm]:
    """The terms that the index contains."""
    return [term for term in terms if term and (term.words or term.phrases)]


def _correct_words(words: Sequence[str], lexicon: Lexicon) -> Iterator[str]:
    """Each word as papers write it: divided, or corrected if unknown; "" for a stop word."""
    for word in words:
        inflections = lexicon.inflections(word) if word else ()
        parts = lexicon.parts(word) if word else ()
        if parts and lexicon.is_usually_divided(inflections, parts):
            yield from parts
        else:
            yield word if inflections or not word else lexicon.correction(word) or word


def _join_compounds(words: Iterable[str], lexicon: Lexicon) -> Iterator[QueryTerm | None]:
    """A term for each word, or for two words that papers write as one; None for a stop word."""
    remaining = list(words)
    while remaining:
        word = remaining.pop(0)
        if not word:
            yield None
            continue
        following = remaining[0] if remaining else ""
        joined = lexicon.inflections(word + following) if following else ()
        if not joined:
            yield _term(word, lexicon.parts(word), lexicon)
        elif lexicon.is_usually_divided(joined, (word, following)):
            remaining.pop(0)
            yield from _divided_terms((word, following), joined, lexicon)
        else:
            remaining.pop(0)
            yield _term(word + following, (word, following), lexicon)


def _term(word: str, parts: WordRun, lexicon: Lexicon) -> QueryTerm:
    forms = tuple((form,) for form in lexicon.singular_and_plural(word))
    phrases = lexicon.inflect_last(parts) if parts else ()
    return QueryTerm(lexicon.inflections(word), phrases, forms + ((parts,) if parts else ()))


def _divided_terms(
    parts: WordRun, joined: tuple[str, ...], lexicon: Lexicon
) -> Iterator[QueryTerm]:
    """A term for each of two words; papers that write them as one word contain both."""
    for part in parts:
        term = _term(part, (), lexicon)
        yield term._replace(words=term.words + joined)


def _pair(first: QueryTerm, second: QueryTerm) -> QueryTerm:
    phrases = (a + b for a, b in product(first.variants, second.variants))
    return QueryTerm((), tuple(dict.fromkeys(phrases)))
