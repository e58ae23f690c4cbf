"""Why papers are not delivered, for the log."""

from papertrack import log


class Skipped:
    """The papers that a step leaves out, gathered so that the log has a line for each reason and
    not for each paper.
    """

    def __init__(self) -> None:
        self._papers: dict[tuple[tuple[str, object], ...], list[str]] = {}

    def add(self, paper_id: str, reason: str, **where: object) -> None:
        """Note a paper; `where` says of which topic, event or channel."""
        if log.is_on():
            key = (("reason", reason), *where.items())
            self._papers.setdefault(key, []).append(paper_id)

    def report(self) -> None:
        """Write what was noted into the log."""
        for key, ids in self._papers.items():
            log.event("skip", **dict(key), papers=len(ids), ids=ids)
