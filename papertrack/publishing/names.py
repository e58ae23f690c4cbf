"""The names of the pages of topics, valid and unique on every system, whatever topics are called.

They have lower-case letters, digits, dots and hyphens, but no underscore: `a_2.html` is the second
page of the topic `a`, and no topic can have that name.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from papertrack.exports.file_names import any_name, ascii_name

_MAX_LENGTH = 60
# Windows reserves these names, whatever extension follows.
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?")


def topic_names(topics: Iterable[str]) -> Mapping[str, str]:
    """The name of the page of each topic; with a checksum if it would be ambiguous or invalid."""
    plain = {topic: ascii_name(topic).lower() for topic in topics}
    uses = Counter(plain.values())
    return {
        topic: name
        if _is_usable(name) and uses[name] == 1
        else any_name(topic).lower().replace(".", "-")
        for topic, name in plain.items()
    }


def _is_usable(name: str) -> bool:
    return 0 < len(name) <= _MAX_LENGTH and not _RESERVED.fullmatch(name)
