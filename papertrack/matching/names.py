"""Whether an author's name is the name of a watched person."""

from papertrack.matching.words import TokenizedText, fold_word

SAME, INITIAL = 100, 90


def name_score(watched: str, author: str) -> int:
    """100 for the same name apart from case, accents, hyphens and middle names, 90 where a first
    name is only an initial, 0 for another name. A watched last name alone stands for everyone who
    bears it. "Last, First" is understood.
    """
    sought, given = _parts(watched), _parts(author)
    if not sought or not given:
        return 0
    if "".join(sought) == "".join(given) or (len(sought) == 1 and sought == given[-1:]):
        return SAME
    if sought[-1] != given[-1] or len(sought) == 1 or len(given) == 1:
        return 0
    if sought[0] == given[0]:
        return SAME
    short, long = sorted((sought[0], given[0]), key=len)
    return INITIAL if len(short) == 1 and long.startswith(short) else 0


def _parts(name: str) -> list[str]:
    last, _, first = name.partition(",")
    return [fold_word(word) for word in TokenizedText(f"{first} {last}").words]
