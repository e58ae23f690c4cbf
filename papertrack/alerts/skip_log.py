"""Log lines for papers that are not delivered."""

from papertrack import log


class SkipLog:
    """Skipped papers, grouped so that the log has one line for each reason."""

    def __init__(self) -> None:
        self._paper_ids: dict[tuple[tuple[str, object], ...], list[str]] = {}

    def add(self, paper_id: str, reason: str, **details: object) -> None:
        """Add a paper; `details` are the topic, event and channel."""
        if log.is_on():
            key = (("reason", reason), *details.items())
            self._paper_ids.setdefault(key, []).append(paper_id)

    def write(self) -> None:
        """Write one line for each reason to the log."""
        for key, ids in self._paper_ids.items():
            log.event("skip", **dict(key), papers=len(ids), ids=ids)
