"""Why papers are not delivered, for the log."""

from papertrack import log


class Skipped:
    """The papers that a step leaves out, grouped so that the log has one line for each reason."""

    def __init__(self) -> None:
        self._papers: dict[tuple[tuple[str, object], ...], list[str]] = {}

    def add(self, paper_id: str, reason: str, **where: object) -> None:
        """Note a paper; `where` names the topic, event and channel."""
        if log.is_on():
            key = (("reason", reason), *where.items())
            self._papers.setdefault(key, []).append(paper_id)

    def report(self) -> None:
        """Write the groups to the log."""
        for key, ids in self._papers.items():
            log.event("skip", **dict(key), papers=len(ids), ids=ids)
