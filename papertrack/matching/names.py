"""Comparing the names of authors and organizations with watched names."""

from papertrack.matching.words import TokenizedText, fold_word

SAME, INITIAL = 100, 90


def name_score(watched: str, author: str) -> int:
    """Return how well an author's name fits a watched name: 100, 90 or 0.

    100 is the same name apart from case, accents, hyphens and middle names; 90 if one of the first
    names is only an initial; 0 another name. A watched last name alone fits everyone who has it.
    Both names may be written "Last, First".
    """
    expected, actual = _name_parts(watched), _name_parts(author)
    if not expected or not actual:
        return 0
    if "".join(expected) == "".join(actual) or (len(expected) == 1 and expected == actual[-1:]):
        return SAME
    if expected[-1] != actual[-1] or len(expected) == 1 or len(actual) == 1:
        return 0
    if expected[0] == actual[0]:
        return SAME
    short, long = sorted((expected[0], actual[0]), key=len)
    return INITIAL if len(short) == 1 and long.startswith(short) else 0


def organization_score(watched: str, organization: str) -> int:
    """Return 100 if an organization's name contains a watched name as whole words, else 0.

    Case, accents and hyphens do not matter: "meta" fits "Meta AI".
    """
    expected, actual = (
        " ".join(map(fold_word, TokenizedText(name).words)) for name in (watched, organization)
    )
    return SAME if expected and f" {expected} " in f" {actual} " else 0


def _name_parts(name: str) -> list[str]:
    last, _, first = name.partition(",")
    return [fold_word(word) for word in TokenizedText(f"{first} {last}").words]
