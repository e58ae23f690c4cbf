"""The venue in the authors' comment and journal reference."""

import json
import lzma
from pathlib import Path

import pytest

from papertrack.venues import venue_of_comment, venue_of_journal_ref

BY_HAND = Path(__file__).with_name("venues_by_hand.tsv")
LEAST_PRECISION = 0.95


@pytest.mark.parametrize(
    ("comment", "venue"),
    [
        ("Accepted at ICML 2025", "ICML 2025"),
        ("Official IROS 2025 Nest Challenge Report", None),
        ("First-place method of Nests2 (in MICCAI 2025)", None),
        ("ICCV 2025 Nest Challenge Third Place Solution", None),
        ("ACM MM 2025 Grand Challenge paper", "ACM MM 2025"),
        ("Accepted at ICCV 2025, Workshop and Challenge on Nests", "ICCV 2025 Workshop"),
        ("Presented at the Annual Meeting of Birders, Las Vegas, NV, (2024)", None),
        ("Accepted at SC, 2025", "SC 2025"),
        ("To appear in the 19th Conference on Nests (IAS-19), Genoa, 2025", "IAS 2025"),
        (
            "Accepted for the IEEE-RAS 24th International Conference on Nests (ICNE 2025)",
            "ICNE 2025",
        ),
        ("12 pages, 3 figures. ICML 2025", "ICML 2025"),
        ("accepted to emnlp2025 findings", "EMNLP 2025 Findings"),
        ("Findings of ACL 2025", "ACL 2025 Findings"),
        ("To appear in AAAI-26", "AAAI 2026"),
        ("Accepted by KDD\u201925", "KDD 2025"),
        ("NIPS 2025 spotlight", "NeurIPS 2025"),
        ("SIGGRAPH Asia 2025", "SIGGRAPH Asia 2025"),
        ("Accepted to ACM Multimedia 2025", "ACM MM 2025"),
        ("Accepted at the Workshop on Inventions at NeurIPS 2025", "NeurIPS 2025 Workshop"),
        ("To appear at NOTHING@ACL2025", "ACL 2025 Workshop"),
        ("Published in CVPRW 2025", "CVPR 2025 Workshop"),
        ("AAAI 2026 Spring Symposium Series", "AAAI 2026 Symposium"),
        ("Accepted at IJCNLP-AACL 2025", "AACL 2025"),
        ("2024 IEEE International Conference on Systems, Man, and Cybernetics (SMC)", "SMC 2024"),
        ("Accepted at the 24th Conference on Machine Learning and Nothing (CMLN'25)", "CMLN 2025"),
        (
            "The 2025 Conference on Neural Information Processing Systems",
            "NeurIPS 2025",
        ),
        ("9 pages, accepted to Transactions of ACL", "TACL"),
        ("Accepted for publication in Physical Review B", "Physical Review B"),
        ("to appear in J. Phys. Soc. Jpn.", "J. Phys. Soc. Jpn"),
        ("Published in IEEE Control Systems Letters, June 2025", "IEEE Control Systems Letters"),
        ("Under review at ICML 2026. An invented part is accepted to MNRAS", "MNRAS"),
        ("Submitted to X in 2024, accepted at ICML 2025", "ICML 2025"),
        # Not accepted, not this paper, or not a venue.
        ("Submitted to ICML 2025", None),
        ("ICML 2025 submission", None),
        ("Under review at ICLR 2026", None),
        ("In submission to NeurIPS 2025", None),
        ("Extended version of our ICML 2024 paper", None),
        ("A preliminary version appeared at ICML 2024", None),
        ("Rejected by ICML 2025", None),
        ("NeurIPS 2025 preprint", None),
        ("Solution of the CVPR 2025 challenge", None),
        ("Accepted FEB, 2026", None),
        ("Accepted at a peer-reviewed conference", None),
        ("12 pages, 3 figures, GPT-4 and COVID 2019", None),
        ("15 pages, 2 tables", None),
        ("", None),
    ],
)
def test_a_comment_states_a_venue_only_if_the_paper_was_accepted_there(comment, venue):
    assert venue_of_comment(comment) == venue


@pytest.mark.parametrize(
    ("reference", "venue"),
    [
        ("Phys. Rev. B 83, 020502(R) (2011)", "Phys. Rev. B"),
        ("Phys.Rev.D77:047702,2008", "Phys.Rev.D"),
        ("Nature 470, 163-165 (10 February 2011)", "Nature"),
        (
            "Journal of Inventions (IJI), Vol.3, No.1",
            "Journal of Inventions",
        ),
        ("Inventing, Testing and Proving, 35(2):e1914, 2025", "Inventing, Testing and Proving"),
        ("In Proc. Symposium on Inventions (ISI 2020), pages 14-26", "ISI 2020"),
        ("Proceedings of the 42nd International Conference on Machine Learning, 2025", "ICML 2025"),
        ("example.org/JINV/2010/P03013", None),
        ("12, 34", None),
    ],
)
def test_a_journal_reference_begins_with_its_venue(reference, venue):
    assert venue_of_journal_ref(reference) == venue


def test_venues_of_real_comments_are_right(shared):
    """300 comments with a venue, drawn at random, whose venue a person read."""
    by_hand = dict(line.split("\t") for line in BY_HAND.read_text("utf-8").splitlines()[1:])
    read = {
        paper_id: venue
        for paper_id, comment in _comments(shared("data/corpus"), by_hand)
        if (venue := venue_of_comment(comment))
    }
    right = sum(by_hand[paper_id] == venue for paper_id, venue in read.items())
    assert len(by_hand) == 300
    assert right / len(read) >= LEAST_PRECISION
    assert len(read) / len(by_hand) >= LEAST_PRECISION


def _comments(folder, ids):
    for path in sorted(folder.glob("*.jsonl.xz")):
        with lzma.open(path) as lines:
            # The id comes first in a line; decoding all papers would take most of the time.
            rows = (json.loads(line) for line in lines if line.split(b'"', 4)[3].decode() in ids)
            yield from ((row["id"], row["comment"]) for row in rows)
