"""English plurals: the singulars of a word, and the plurals of a singular.

The longest matching ending decides. Some plurals have several singulars (bases: base, basis), and
some endings allow several (-ies: -y, -ie). All of them count, because those that are not words
occur in no text. For Latin and Greek endings (spectra) that other words share (camera), the table
lists what precedes the ending, so that longer words are included (hyperspectra).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

# Ending, the endings of its singulars, and what precedes it; the likeliest singular first.
_RULES: tuple[tuple[str, Sequence[str], str], ...] = (
    ("s", ("",), ""),
    ("s", ("s",), "s u i alia atla canva len new serie specie ic"),
    ("s", ("",), "metric topic heuristic characteristic logic critic clinic statistic fabric"),
    ("s", ("",), "epidemic pandemic ceramic biotic rubric mosaic relic plastic mimic quadric"),
    ("s", ("",), "gpu cpu npu tpu menu guru eau emoji tsunami wiki kiwi alibi safari bikini"),
    ("s", ("",), "harmonic geodesic electric ferroic academic classic cosmetic narcotic lyric"),
    ("s", ("",), "comic panic epic magic attic tropic cubic conic yeti chili corgi haiku tofu"),
    ("ies", ("y", "ie"), ""),
    ("oes", ("o", "oe"), ""),
    ("xes", ("x", "xe", "xis"), ""),
    ("ches", ("ch", "che"), ""),
    ("shes", ("sh", "she"), ""),
    ("sses", ("ss",), ""),
    ("zes", ("ze", "z"), ""),
    ("zzes", ("zz", "z"), ""),
    ("ses", ("se", "sis"), ""),
    ("ses", ("se", "s"), "u"),
    ("ses", ("sis", "se"), "analy paraly dialy the gno cri nthe hypothe sympo"),
    (
        "ses",
        ("s",),
        "viru campu focu statu apparatu bonu censu consensu atla canva alia octopu nexu choru",
    ),
    ("ses", ("s",), "iri plu minu geniu corpu len circu metropoli"),
    ("ces", ("ce", "x"), "i"),
    ("ices", ("ex",), "ind vert vort cort cod simpl"),
    ("ices", ("ix",), "matr append hel rad directr"),
    ("ves", ("f", "ve"), "lea hal shel sel cal wol loa thie hoo scar el dwar shea whar"),
    ("ves", ("fe", "ve"), "li wi kni"),
    (
        "a",
        ("um",),
        "acetabul addend aquari atri auditori bacteri basidi candelabr capitul cerebell cerebr",
    ),
    ("a", ("um",), "cili colloqui compendi conidi consorti continu corrigend crani curricul"),
    ("a", ("um",), "desiderat dict diverticul effluvi empori endometri equilibri errat extrem"),
    ("a", ("um",), "flagell frust fulcr gymnasi herbari honorari infim interregn labi maxim"),
    ("a", ("um",), "memorand millenni minim moment moratori myceli opercul optim osti phyl"),
    ("a", ("um",), "planetari plectr quant referend reticul rostr sanatori scutell sept"),
    ("a", ("um",), "simulacr spectr sporangi stadi strat suprem symposi terrari theli trapezi"),
    ("a", ("um",), "vacu vestibul vincul vivari"),
    ("a", ("a", "um"), "dat medi"),
    ("a", ("on",), "apheli automat criteri etym gangli hedr lexic mitochondri noumen"),
    ("a", ("on",), "periheli phenomen prolegomen"),
    ("era", ("us",), "gen visc"),
    ("ora", ("us",), "corp"),
    ("ina", ("en",), "foram"),
    ("ynges", ("ynx",), ""),
    ("anges", ("anx",), "phal"),
    ("yces", ("yx",), "cal"),
    ("ides", ("is",), "ephemer aps"),
    ("mata", ("mata", "ma"), ""),
    ("ae", ("ae", "a"), ""),
    ("i", ("i", "us"), ""),
    ("i", ("us",), "abac acin alumn alveol annul bacill bronch cact calcul cocc cumul embol"),
    ("i", ("us",), "foc fung glomerul gyr hippocamp homuncul incub loc menisc modul nev nucle"),
    ("i", ("us",), "nucleol radi rhomb sarcophag stimul sulc syllab tars termin thalam thromb"),
    ("i", ("us",), "tor tumul uter vill"),
    ("eaux", ("eau",), ""),
    ("men", ("man",), "wo s er ice ire sh rk ir lay"),
)
# Complete words. The last ones are not plurals, although their ending is that of a plural.
_IRREGULAR = {
    "apices": ("apex",),
    "axes": ("axis", "axe", "ax"),
    "biases": ("bias",),
    "buses": ("bus",),
    "busses": ("bus",),
    "caches": ("cache",),
    "children": ("child",),
    "dice": ("dice", "die"),
    "feet": ("foot",),
    "fora": ("forum",),
    "gases": ("gas",),
    "gasses": ("gas",),
    "geese": ("goose",),
    "genera": ("genus",),
    "ilea": ("ileum",),
    "irides": ("iris",),
    "lice": ("louse",),
    "lumina": ("lumen",),
    "men": ("man",),
    "mice": ("mouse",),
    "movies": ("movie",),
    "ova": ("ovum",),
    "oxen": ("ox",),
    "pancreases": ("pancreas",),
    "pelves": ("pelvis",),
    "people": ("people", "person"),
    "quizzes": ("quiz",),
    "sera": ("serum",),
    "sterna": ("sternum",),
    "taxa": ("taxon",),
    "taxis": ("taxi", "taxis"),
    "teeth": ("tooth",),
    "testes": ("testis", "teste"),
    "theses": ("thesis",),
    "anti": ("anti",),
    "bias": ("bias",),
    "debias": ("debias",),
    "mini": ("mini",),
    "multi": ("multi",),
    "pancreas": ("pancreas",),
    "semi": ("semi",),
    "suffices": ("suffice",),
    "uses": ("use",),
}
_FOUR_LETTERS = frozenset(("anus", "axis", "ibis", "iris", "onus", "opus", "plus", "this", "thus"))
# In shorter words these endings begin so early that the singular has other first letters.
_EARLY_ENDINGS, _LONG = ("ies", "xes", "zes", "ves", "ices"), 8  # bodies, boxes, lives
_SHORTEST = 4  # letters of a plural, so that gas and RLS stay; "men" is listed

_SINGULAR_ENDINGS = {
    before + ending: tuple(before + replacement for replacement in replacements)
    for ending, replacements, words in _RULES
    for before in words.split() or [""]
}
_LONGEST = max(map(len, _SINGULAR_ENDINGS))


def _lengths_by_last_letters() -> dict[str, list[int]]:
    """The lengths of the endings with these last two letters, longest first; 1 is always last."""
    lengths: dict[str, set[int]] = defaultdict(lambda: {1})
    for ending in _SINGULAR_ENDINGS:
        lengths[ending[-2:]].add(len(ending))
    return {last: sorted(of_last, reverse=True) for last, of_last in lengths.items()}


_LENGTHS = _lengths_by_last_letters()


def _inverted(singulars_of: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    """Plurals, or their endings, by singular."""
    inverted: dict[str, list[str]] = defaultdict(list)
    for plural, bases in singulars_of.items():
        for base in bases:
            inverted[base].append(plural)
    return inverted


_PLURAL_ENDINGS, _IRREGULAR_PLURALS = _inverted(_SINGULAR_ENDINGS), _inverted(_IRREGULAR)


def singulars(word: str) -> tuple[str, ...]:
    """Return every singular of a folded word, the likeliest first; a short word is its own."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) < _SHORTEST or word[-1] not in "sainex":
        return (word,)
    if len(word) == _SHORTEST and word.endswith(("us", "is")):  # GPUs and APIs, but plus
        return (word if word in _FOUR_LETTERS else word[:-1],)
    for length in _LENGTHS.get(word[-2:], (1,)):
        if endings := _SINGULAR_ENDINGS.get(word[-length:]):
            return tuple([word[:-length] + ending for ending in endings])
    return (word,)


def singular(word: str) -> str:
    """Return the likeliest singular of a folded word."""
    return singulars(word)[0]


def plurals(base: str) -> Iterator[str]:
    """Yield every folded word with this singular, and a few with another singular."""
    yield base + "es"
    yield from _IRREGULAR_PLURALS.get(base, ())
    for start in range(max(0, len(base) - _LONGEST), len(base) + 1):
        for ending in _PLURAL_ENDINGS.get(base[start:], ()):
            yield base[:start] + ending


def has_early_ending(word: str) -> bool:
    """Whether a singular of a folded word may begin with other letters than the word.

    For words of four letters and more this means the first three letters, from six letters on the
    first four.
    """
    if len(word) == _SHORTEST and word.endswith("ses"):  # as if its singular ended in -sis
        return True
    return word in _IRREGULAR or (len(word) < _LONG and word.endswith(_EARLY_ENDINGS))
