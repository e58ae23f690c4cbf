"""The address of the code in a comment or an abstract."""

import pytest

from papertrack import facts
from papertrack.code_links import code_link
from papertrack.models import Paper


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("Code is available at https://github.com/o/r.", "https://github.com/o/r"),
        (r"Code: \href{https://www.GitHub.com/O/R.git}{here}", "https://github.com/O/R"),
        ("code at github.com/o/r/tree/main/x", "https://github.com/o/r"),
        ("Our code (https://gitlab.com/o/my-r_1.0) is free", "https://gitlab.com/o/my-r_1.0"),
        ("Based on https://github.com/a/b. Code: https://github.com/o/r", "https://github.com/o/r"),
        ("Dataset: https://github.com/o/data", None),
        ("See https://github.com/orgs/o/people", None),
        ("See https://o.github.io/r", None),
        ("We study github.com.", None),
        ("", None),
    ],
)
def test_a_text_names_the_first_repository_that_is_the_papers_own(text, url):
    assert code_link(text) == url


def test_the_code_that_a_source_names_comes_before_that_of_the_authors_texts():
    paper = Paper(
        "2603.00001",
        "T",
        abstract="Code: https://github.com/o/abstract",
        comment="Code: https://github.com/o/comment",
        code_url="https://github.com/o/source",
    )
    assert facts.code(paper) == ("https://github.com/o/source", None)
    paper = paper._replace(code_url=None)
    assert facts.code(paper) == ("https://github.com/o/comment", "comment")
    paper = paper._replace(comment="12 pages")
    assert facts.code(paper) == ("https://github.com/o/abstract", "abstract")
    assert facts.code(paper._replace(abstract=None)) == (None, None)
