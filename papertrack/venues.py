"""Extracting where a paper is published from the authors' comment and journal reference.

The entry points are `venue_of_comment` and `venue_of_journal_ref`. Both return the name of a
conference or journal, for conferences with the year and "Findings" or "Workshop" if these are
stated ("ICML 2025 Workshop"), or None.

A wrong venue is worse than a missing one. So sentences about submissions and about other papers are
ignored, and a name that is not well known counts only if the paper was accepted there or if the
sentence begins with it and its year. `tests/core/test_venues.py` has the precision on real
comments.
"""

import re
from collections.abc import Iterable, Iterator

# Names in the spelling that is shown; before a year they are recognised in any case. "A=B" means
# that A is another name of B, in which hyphens stand for spaces.
_KNOWN_NAMES = """
    AAAI AACL AAMAS ACL AISTATS ASPLOS BMVC CIKM COLING COLM COLT CoNLL CoRL CVPR
    CVPRW=CVPR-Workshop EACL ECAI ECCV ECCVW=ECCV-Workshop ECIR EMNLP EUSIPCO Eurographics FAccT
    GECCO GLOBECOM ICASSP ICCV ICCVW=ICCV-Workshop ICDE ICDM ICIP ICLR ICME ICMEW=ICME-Workshop
    ICML ICPR ICRA ICSE ICWSM IGARSS IJCAI IJCNLP IJCNN INFOCOM Interspeech IPDPS IROS ISBI ISMIR
    ISSTA KDD LREC MICCAI MIDL MLSys NAACL NDSS NeurIPS NIPS=NeurIPS OSDI PAKDD ECML=ECML-PKDD
    PKDD=ECML-PKDD RANLP RecSys SIGDIAL SIGGRAPH SIGIR SIGKDD=KDD SIGMOD UAI VLDB WACV
    WACVW=WACV-Workshop WSDM WWW ACMMM=ACM-MM MM=ACM-MM
    ApJ IJCV JMLR MNRAS PRL TACL TCSVT TGRS TIFS TKDE TMI TMLR TNNLS TPAMI TPLP TVCG
"""
_SHOWN = {
    name.casefold(): shown.replace("-", " ") or name
    for name, _, shown in (entry.partition("=") for entry in _KNOWN_NAMES.split())
}
_LONG_NAMES = {
    "computer vision and pattern recognition": "CVPR",
    "international conference on computer vision": "ICCV",
    "european conference on computer vision": "ECCV",
    "british machine vision conference": "BMVC",
    "winter conference on applications of computer vision": "WACV",
    "conference on machine learning": "ICML",
    "conference on learning representations": "ICLR",
    "conference on neural information processing systems": "NeurIPS",
    "advances in neural information processing systems": "NeurIPS",
    "aaai conference on artificial intelligence": "AAAI",
    "joint conference on artificial intelligence": "IJCAI",
    "empirical methods in natural language processing": "EMNLP",
    "conference on language modeling": "COLM",
    "conference on knowledge discovery and data mining": "KDD",
    "conference on robotics and automation": "ICRA",
    "conference on intelligent robots and systems": "IROS",
    "conference on acoustics, speech, and signal processing": "ICASSP",
    "conference on acoustics, speech and signal processing": "ICASSP",
    "conference on medical image computing and computer": "MICCAI",
    "joint conference on neural networks": "IJCNN",
    "acm multimedia": "ACM MM",
    "acm multimedia asia": "ACM MM Asia",
    "conference on multimedia (": "ACM MM",
    "the web conference": "WWW",
    "acm web conference": "WWW",
    "transactions on machine learning research": "TMLR",
    "journal of machine learning research": "JMLR",
    "transactions of acl": "TACL",
    "transactions of the association for computational linguistics": "TACL",
    "pattern analysis and machine intelligence": "TPAMI",
    "international journal of computer vision": "IJCV",
}
# Acronyms that are not venues: organizations, formats, data sets, months.
_OTHER_ACRONYMS = """
    ACM IEEE ICPS CVF RSJ SIAM IFIP IFAC USENIX AAAS MDPI AIP APS IOP SPIE ARR LNCS LNAI CCF CEUR
    PMLR DOI ISBN ISSN PDF HAL SSRN CC BY NC ND SM SI VOC COCO COVID GPT RTX USA UK EU US MIT PHD AI
    ML NLP LLM LLMS CV WS WIP AAM ID II III IV OSF JAN JANUARY FEB FEBRUARY MAR MARCH APR APRIL MAY
    JUN JUNE JUL JULY AUG AUGUST SEP SEPT SEPTEMBER OCT OCTOBER NOV NOVEMBER DEC DECEMBER
"""
_NOT_VENUES = frozenset(_OTHER_ACRONYMS.split())
_QUOTE = "['\u2018\u2019`]"
_YEAR = (
    rf"(?:(?:[\s,(:/-]|{_QUOTE}){{0,3}}(?P<year>(?:19|20)\d\d)(?!\d)"
    rf"|\s?(?:-|{_QUOTE})?(?P<short>1[5-9]|2\d)(?![\d.,%]\d|\d|st|nd|rd|th))"
)


def _alternatives(names: Iterable[str]) -> str:
    """Return an expression for any of these names, of several the longest.

    It names each first letter once, as `re` tries every alternative at every word.
    """
    by_letter: dict[str, list[str]] = {}
    for name in sorted(names, key=len, reverse=True):
        by_letter.setdefault(name[0], []).append(name[1:])
    return "|".join(f"{first}(?:{'|'.join(ends)})" for first, ends in by_letter.items())


_KNOWN = _alternatives(_SHOWN)
_MORE = r"(?P<more>\sAsia)?(?:[\s-](?:findings|main|conference))?\)?"
_ACRONYM = r"[A-Za-z0-9]*[A-Z][A-Za-z0-9]*[A-Z][A-Za-z]*(?:[-&/][A-Z][A-Za-z]+)*"
_KNOWN_WITH_YEAR = re.compile(rf"(?<![a-z0-9])(?P<name>{_KNOWN}){_MORE}{_YEAR}", re.IGNORECASE)
_KNOWN_ALONE = re.compile(
    rf"(?<![\w/-])(?P<name>{_KNOWN})(?P<more>\sAsia)?(?![\w/])", re.IGNORECASE
)
_ACRONYM_WITH_YEAR = re.compile(rf"(?<![\w/.-])(?P<name>{_ACRONYM})(?P<more>)\)?{_YEAR}")
# As in: 2024 IEEE International Conference on Systems, Man, and Cybernetics (SMC)
_IN_PARENTHESES = re.compile(
    r"(?:Conference|Symposium|Congress|Meeting)\b[^()]{0,150}"
    rf"\((?:(?:IEEE|ACM)[ /-])?(?P<name>{_ACRONYM})(?P<more>)"
    rf"(?:(?:[\s,-]|{_QUOTE}){{0,2}}\d{{1,4}})?\)"
)
_LONG = re.compile(
    rf"\b(?:{'|'.join(map(re.escape, sorted(_LONG_NAMES, key=len, reverse=True)))})"
    r"(?!\s(?:and|for|with|in|theory|asia)\b)",
    re.IGNORECASE,
)
_WORD = r"(?:[A-Z][\w'\u2019/-]*\.?|&)"
_JOURNAL = re.compile(
    r"\b(?i:accepted|published|appears?|appeared|in press|forthcoming),?"
    r"(?i:\s(?:for|as)\s(?:an?\s)?(?:\w+\s)?(?:publication|presentation|article|paper|letter))?"
    r"\s(?i:in|to|by|at|on|with):?\s(?i:the\s)?(?:\d{4}\s)?(?i:journal\s)?[\"'\u2018\u201c]?"
    rf"(?P<name>{_WORD}(?:,?\s(?:{_WORD}|(?:and|of|on|in|for|the|de)\s(?:the\s)?{_WORD}))*)",
)
_OTHER_WORDS = """
    Inc Ltd Publishing Publishers Press Main Findings Proceedings Proc Special Oral Poster Springer
    Elsevier Lecture Chapter Wiley Book MDPI SSRN HAL Zenodo Open Creative In As The
"""
_NOT_JOURNALS = frozenset(_OTHER_WORDS.split())
_JOURNAL_WORDS = re.compile(
    r"\b(?:Journal|Transactions|Trans\.|Letters|Lett\.|Magazine|Annals|Physical Review|Phys\. Rev"
    r"|Nature|Science|Reports|Acta|Physics|Reviews?|Frontiers|Communications|Bulletin|Quarterly"
    r"|Astrophysical|Astronomy|Notices|Access)(?!\w)"
)
_POSITIVE = (
    r"accept|appear|publish|presented|presentation|proceeding|proc\.|camera|forthcoming|in press"
    r"|oral\b|spotlight|poster|highlight|best paper|award"
)
_NEGATIVE = (
    r"submi\w*(?: (?:in)?to)?(?: the)?(?: proceedings)?"
    r"|(?:under|in|pending|awaiting|for|at)\s(?:\w+\s){0,3}review|consider|exten[ds]|revis"
    r"|resubmi|template|format\b|style|data\s?set|benchmark|baseline|follow-?up|intended|plan"
    r"|prepar|challenge|competition|solution|shared task|proposal"
    r"|(?:first|second|third|1st|2nd|3rd)[- ]place"
)
_STATUS = re.compile(f"(?P<positive>{_POSITIVE})|(?P<negative>{_NEGATIVE})", re.IGNORECASE)
_STATUS_AFTER = re.compile(
    f"(?P<positive>{_POSITIVE})|(?P<negative>submi|review|proposal|extension|preprint"
    r"|(?<!grand )(?<!and )challenge\b|competition)",
    re.IGNORECASE,
)
_BEGINNING = re.compile(
    r"(?:^|,|:|\)) ?[(\[\"]?(?:(?:the|in|at|\d{4}|IEEE|ACM|IEEE/\w+) )*$", re.IGNORECASE
)
# The patterns that are more certain come first.
_PATTERNS = (_KNOWN_WITH_YEAR, _ACRONYM_WITH_YEAR, _IN_PARENTHESES, _LONG, _KNOWN_ALONE)
# A sentence with one of these is about another paper, or about a refusal.
_OTHER_PAPER = re.compile(
    r"\b(?:earlier|preliminary|previous|previously|prior|precursor|shorter|abridged|partly"
    r"|parts? of|portions? of|reject(?:ed|ion)|withdr\w+|declined|not (?:been |yet )*accepted"
    r"|if accepted|upon acceptance|(?:conference|workshop) version|builds? (?:up)?on"
    r"|supersedes?|cite)\b",
    re.IGNORECASE,
)
_WORKSHOP = re.compile(
    rf"(?i:workshops?\b|bridge program|wksp|\bSRW\b|co-?located|conjunction)"
    rf"|\b(?={_ACRONYM}\)?\s?(?:@|\bat\b|-)\s?(?i:{_KNOWN})(?![a-z]))(?!(?i:{_KNOWN}))"
    rf"|\w@\s?{_ACRONYM}"
)
# What every comment with a venue has; most comments ("12 pages, 3 figures") have none of it.
_HINT = re.compile(
    rf"(?i:accept|appear|publish|present|proceeding|press\b|conference|transactions)"
    rf"|(?:19|20)\d\d|(?:[A-Za-z]|-|{_QUOTE}|[A-Z]\)? )\d\d"
)
_MIN_WORDS = 2  # of a journal's name
_AFTER_NAME = re.compile(
    r"(?:,? (?:Vol|Volume|Special|Issue|DOI|[A-Z][\w]+ Publishing|Springer|Elsevier|Wiley)\b.*"
    r"|,? (?:(?:in|on) )?(?:January|February|March|April|May|June|July|August|September|October"
    r"|November|December|Jan|Feb|Nov|Dec)\b.*)"
)
_AFTER_JOURNAL = re.compile(r"[\"'\u2019\u201d]?\s?(?:[.(]|$|journal\b)", re.IGNORECASE)
_KINDS = {
    "Workshop": _WORKSHOP,
    "Symposium": re.compile(r"\b(?:spring|summer|fall) symposi", re.IGNORECASE),
    "Findings": re.compile(r"\bfindings\b", re.IGNORECASE),
}
_ABBREVIATIONS = re.compile(
    r"(?:\b[A-Z]|\b(?:Proc|Int|Conf|Phys|Rev|Lett|Trans|Appl|Sci|Commun|Comm|Math|Mech|Astron|J"
    r"|Astrophys|Soc|Mater|Chem|Opt|Nucl|Nat|Am|Symp|Mon|Not|Roy|Res|Eng|Comput|Ann|Adv|Eur|al"
    r"|vol|no|pp|vs|Dr|St))$",
    re.IGNORECASE,
)
# What follows the name of a journal in a reference.
_VOLUME = re.compile(
    r"[\s,;(\[]*(?:\b(?:vol|volume|no|pages?|tome|issue)\b|\b(?:v|pp?)\.|\d|[;:(\[]"
    r"|,\s*(?:(?-i:[a-z])|Springer|Elsevier|Wiley|IEEE|ACM)).*",
    re.IGNORECASE,
)
_IN_PROCEEDINGS = re.compile(
    r"^(?:In\s(?=[A-Z])|In(?=Proc))?(?:Proc(?:eedings|\.)\s(?:of\s)?(?:the\s)?)?"
    r"(?:\d{4}\s)?(?:\d+(?:st|nd|rd|th)\s)?"
)
_NOT_A_NAME = re.compile(r"[^\W\d]*://|[a-z.]+/|.*\bet al\b|\W*$")


def venue_of_comment(comment: str) -> str | None:
    """Return the venue at which the paper was accepted or published, None if none is stated."""
    if not _HINT.search(comment):
        return None
    return next(filter(None, map(_venue_in, _sentences(" ".join(comment.split())))), None)


def venue_of_journal_ref(reference: str) -> str | None:
    """Return the conference or journal of a reference such as "Phys. Rev. B 83, 020502 (2011)"."""
    reference = " ".join(reference.split()).lstrip(" ,.")
    for pattern in (_KNOWN_WITH_YEAR, _IN_PARENTHESES, _LONG, _KNOWN_ALONE):
        if (match := pattern.search(reference)) and (name := _name(match, reference)):
            return name
    name = _VOLUME.sub("", _IN_PROCEEDINGS.sub("", reference, count=1)).strip(" ,-")
    return None if _NOT_A_NAME.match(name) else name


def _sentences(text: str) -> Iterator[str]:
    """Yield the sentences of a comment; a full stop of an abbreviation ends none."""
    start = 0
    for end in re.finditer(r"[.;!|]+\s", text):
        if end[0][0] != "." or not _ABBREVIATIONS.search(text, start, end.start()):
            yield text[start : end.start()]
            start = end.end()
    yield text[start:]


def _venue_in(sentence: str) -> str | None:
    if _OTHER_PAPER.search(sentence):
        return None
    candidates = (
        match
        for pattern in _PATTERNS
        for match in pattern.finditer(sentence)
        if _is_stated(sentence, match)
    )
    names = (_name(match, sentence) for match in candidates)
    return next(filter(None, names), None) or _journal(sentence)


def _is_stated(sentence: str, match: re.Match[str]) -> bool:
    """Whether the sentence states or implies that the matched venue accepted the paper."""
    accepted = _status(sentence, match)
    if accepted is not None:
        return accepted
    if match.re is _ACRONYM_WITH_YEAR:
        return _BEGINNING.search(sentence, 0, match.start()) is not None
    return match.re is not _KNOWN_ALONE


def _status(sentence: str, match: re.Match[str]) -> bool | None:
    """Whether a sentence states that the matched venue accepted the paper; None if it does not say.

    The last status word before the name decides, else the first after it.
    """
    start = match.start("name" if "name" in match.re.groupindex else 0)
    before = list(_STATUS.finditer(sentence, 0, start))
    word = before[-1] if before else _STATUS_AFTER.search(sentence, match.end())
    return None if word is None else word["positive"] is not None


def _name(match: re.Match[str], sentence: str) -> str | None:
    groups = match.groupdict()
    name = groups.get("name")
    if name is None:
        name = _LONG_NAMES[match[0].casefold()]
    elif name.upper() in _NOT_VENUES or _is_place(name, sentence, match.start("name")):
        return None
    else:
        name = _SHOWN.get(name.casefold(), name) + (groups["more"] or "").title()
    year = groups.get("year") or _only_year(sentence)
    short = groups.get("short")
    # The 19th conference IAS may be called IAS-19.
    if short and not re.search(rf"\b{short}(?:st|nd|rd|th)\b", sentence):
        year = f"20{short}"
    kind = next((kind for kind, pattern in _KINDS.items() if pattern.search(sentence)), "")
    base, workshop, _ = name.partition(" Workshop")
    return " ".join(filter(None, (base, year, workshop.strip() or kind)))


def _is_place(name: str, sentence: str, start: int) -> bool:
    """Whether a name is that of a state or country after its city: Las Vegas, NV, 2024."""
    end = start + len(name)
    return len(name) == len("NV") and sentence[start - 2 : start] == ", " == sentence[end : end + 2]


def _only_year(sentence: str) -> str | None:
    years = set(re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", sentence))
    return years.pop() if len(years) == 1 else None


def _journal(sentence: str) -> str | None:
    """Return the name after "accepted in" or similar, if it is that of a journal or conference."""
    match = _JOURNAL.search(sentence)
    if match is None:
        return None
    name = _AFTER_NAME.sub("", match["name"]).strip(" .")
    words = name.split()
    if len(words) < _MIN_WORDS or not _NOT_JOURNALS.isdisjoint((words[0], words[-1])):
        return None
    ends = _AFTER_JOURNAL.match(sentence, match.end())
    return name if ends or _JOURNAL_WORDS.search(name) else None
