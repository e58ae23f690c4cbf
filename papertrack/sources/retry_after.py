"""How long a server asks to be left alone, read from the headers of its refusal."""

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_SECONDS = re.compile(r"\s*(\d{1,9})\s*", re.ASCII)
_RESET = re.compile(r"\br=0\s*;\s*t=(\d{1,9})", re.ASCII)


def retry_after_seconds(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait by Retry-After, else by a RateLimit that is used up (IETF draft 9, as Hugging
    Face sends it: r requests remain for t seconds); None where neither says.
    """
    asked = headers.get("Retry-After")
    if asked is None:
        reset = _RESET.search(headers.get("RateLimit", ""))
        return float(reset[1]) if reset else None
    if seconds := _SECONDS.fullmatch(asked):
        return float(seconds[1])
    moment = _http_date(asked)
    # The server's own clock, where it tells, as ours may be wrong.
    now = _http_date(headers.get("Date", "")) or datetime.now(UTC)
    return max(0.0, (moment - now).total_seconds()) if moment else None


def _http_date(text: str) -> datetime | None:
    with suppress(ValueError, TypeError, OverflowError):
        return parsedate_to_datetime(text).astimezone(UTC)
    return None
