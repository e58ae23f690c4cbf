"""British and American spelling: the American form of a word, and its British forms.

Only for comparing: words that both spell alike (exercise, controlled) change, too, as long as they
do not become another word.
"""

import re

# Letters inside a word, British and American. Those of Greek and Latin words are the roots that
# keep ae and oe, because other words have these letters as well (coexist, aerial).
_ROOTS = {
    "aemi": "emi",
    "aesth": "esth",
    "aetio": "etio",
    "ageing": "aging",
    "aluminium": "aluminum",
    "amoeb": "ameb",
    "archae": "arche",
    "artef": "artif",
    "caec": "cec",
    "caes": "ces",
    "chimaer": "chimer",
    "coelia": "celia",
    "cyphertext": "ciphertext",
    "decypher": "decipher",
    "defenc": "defens",
    "dgement": "dgment",
    "enquir": "inquir",
    "faec": "fec",
    "foet": "fet",
    "greysc": "graysc",
    "gynaec": "gynec",
    "haem": "hem",
    "homoeo": "homeo",
    "licenc": "licens",
    "manoeuvr": "maneuver",
    "mediaev": "mediev",
    "mould": "mold",
    "moult": "molt",
    "naev": "nev",
    "oedem": "edem",
    "oesoph": "esoph",
    "oestr": "estr",
    "offenc": "offens",
    "paed": "ped",
    "palae": "pale",
    "pnoea": "pnea",
    "practis": "practic",
    "pretenc": "pretens",
    "rrhoea": "rrhea",
    "sceptic": "skeptic",
    "sulph": "sulf",
}
_WORDS = {
    "appal": "appall",
    "benefitted": "benefited",
    "benefitting": "benefiting",
    "biassed": "biased",
    "cancelation": "cancellation",
    "centring": "centering",
    "combatted": "combated",
    "combatting": "combating",
    "connexion": "connection",
    "cosy": "cozy",
    "counsellor": "counselor",
    "disc": "disk",
    "distil": "distill",
    "enrol": "enroll",
    "enthral": "enthrall",
    "focussed": "focused",
    "focussing": "focusing",
    "fulfil": "fulfill",
    "grey": "gray",
    "haem": "heme",
    "inflexion": "inflection",
    "instil": "instill",
    "jewellery": "jewelry",
    "learnt": "learned",
    "manoeuvre": "maneuver",
    "mollusc": "mollusk",
    "odour": "odor",
    "plough": "plow",
    "programme": "program",
    "speciality": "specialty",
    "targetted": "targeted",
    "targetting": "targeting",
    "timbre": "timbre",
    "tyre": "tire",
    "unlearnt": "unlearned",
    "useability": "usability",
    "useable": "usable",
    "wilful": "willful",
    "woollen": "woolen",
}
_ROOT = re.compile("|".join(_ROOTS))  # none is the beginning of another
_ENDING = re.compile(
    "(?<=[a-z]{3})(?:(?P<s>[iy])s(?=(?:e|ed|er|ing|ation|ational|able|ability)$)"  # optimise
    "|ou(?=r)"  # behaviour, neighbour
    "|(?<=[btgh])(?P<re>re)$"  # centre, fibre, meagre, ochre
    "|(?<=t)(?P<red>red)$"  # centred
    "|(?P<log>log)u(?:e$|(?=ed$|ing$))"  # dialogue, catalogued
    "|(?<=[^aeioucg])(?P<silent>e)(?=ab(?:le|ility)$))"  # tuneable
)
# Only after two syllables: modelling, fuelled, skilful, instalment, but not filling.
_DOUBLE_L = re.compile(
    "((?:[aeiouy][^aeiouy]+[aeiou]|ia|ie|ue)l)l(?=(?:ed|er|ing)$)|((?<=[a-z]{3}l))l(?=(?:ment|ful|ous)$)"
)
_MAY_END = (
    *("se", "sed", "ser", "sing", "sation", "sational", "sable", "sability", "lled", "ller"),
    *("lling", "llment", "llful", "llous", "bre", "tre", "gre", "tred", "logue", "logued"),
    *("loguing", "chre", "eable", "eability"),
)
_TO_BRITISH = (
    (re.compile("(?<=[a-z]{3}[iy])z(?=(?:e|ed|er|ing|ation|ational|able|ability)$)"), "s"),
    (re.compile("(?<=[aeioul]l)(?=(?:ed|er|ing|ment|ful|ous)$)"), "l"),
    (re.compile("(?<=[a-z]{3}o)(?=r)"), "u"),
    (re.compile("(?<=[a-z]{2}[btgh])er$"), "re"),
    (re.compile("(?<=[a-z]{2}[^aeioucg])(?=ab(?:le|ility)$)"), "e"),
    (re.compile("(?<=[a-z]{2}t)ered$"), "red"),
    (re.compile("(?<=[a-z]{3}log)$"), "ue"),
    (re.compile("(?<=[a-z]{3}log)(?=ed$|ing$)"), "u"),
)
_BRITISH_WORDS = {american: british for british, american in _WORDS.items()}
# Beginnings of words whose American form begins differently, besides words with ae or oe.
_EARLY = (
    *("ageing", "artef", "cosy", "cyphert", "decypher", "disc", "enquir", "grey", "learnt"),
    *("mould", "moult", "odour", "plough", "sceptic", "sulph", "tyre", "useab", "wilful"),
    "woollen",
)
_MOST_SPELLINGS = 100  # of a word; each further root doubles their number
_EARLY_ENDINGS, _LONG = ("re", "res", "red"), 8  # fibre


def american(word: str) -> str:
    """Return a folded singular in American spelling: modelling is modeling, behaviour behavior."""
    if word in _WORDS:
        return _WORDS[word]
    word = _ROOT.sub(lambda root: _ROOTS[root[0]], word)
    # Comparing endings is much faster than the regular expressions, and most words end otherwise.
    if word.endswith(_MAY_END) or "our" in word:
        word = _DOUBLE_L.sub(r"\1\2", word)
        return _ENDING.sub(_american_ending, word)
    return word


def _american_ending(british: re.Match[str]) -> str:
    if british["s"]:
        return british["s"] + "z"
    if british["re"] or british["red"]:
        return "er" if british["re"] else "ered"
    if british["silent"]:
        return ""
    return british["log"] or "o"


def british(form: str) -> set[str]:
    """Return every folded word with this American form, and a few with another form."""
    words = {form}
    if form in _BRITISH_WORDS:
        words.add(_BRITISH_WORDS[form])
    for pattern, ending in _TO_BRITISH:
        words |= {pattern.sub(ending, word) for word in words} | {
            word[: match.start()] + ending + word[match.end() :]
            for word in words
            for match in pattern.finditer(word)
        }
    for written, american_root in _ROOTS.items():
        if american_root in form and len(words) < _MOST_SPELLINGS:
            words |= {word.replace(american_root, written) for word in words}
    return words


def may_respell_start(word: str) -> bool:
    """Whether the American form of a folded word may begin with other letters than the word.

    `plurals.has_early_ending` defines how many letters are compared.
    """
    return (
        word.find("ae", 0, 5) >= 0
        or word.find("oe", 0, 5) >= 0
        or word.find("eab", 0, 6) >= 0
        or word.startswith(_EARLY)
        or (len(word) < _LONG and word.endswith(_EARLY_ENDINGS))
    )
