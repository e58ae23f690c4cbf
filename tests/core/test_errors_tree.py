import pytest

from papertrack import errors


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.UsageError("what"), 2),
        (errors.ConfigError("c.yaml", ()), 2),
        (errors.SourceError("arxiv", "timeout", "what"), 4),
        (errors.LibraryError("what"), 5),
        (errors.LibraryDamaged("what"), 5),
        (errors.LibraryNewer("what"), 5),
        (errors.LibraryBusy("what"), 75),
        (errors.DeliveryError("mail", "refused", "what"), 6),
    ],
)
def test_each_failure_has_the_exit_code_of_the_contract(error, code):
    assert error.exit_code == code
    assert isinstance(error, errors.PapertrackError)


def test_an_error_has_one_to_three_lines_without_empty_ones():
    assert errors.UsageError("what").lines() == ("what",)
    assert errors.UsageError("what", "", "next").lines() == ("what", "next")
    assert str(errors.UsageError("what", "why", "next")) == "what; why; next"


def test_a_configuration_error_lists_every_problem():
    problems = (errors.Problem(1, "topics", "odd"), errors.Problem(2, "x", "unknown", "y?"))
    error = errors.ConfigError("c.yaml", problems)
    assert error.lines() == (
        "c.yaml: 2 problems; nothing was done",
        "line 1: topics: odd",
        "line 2: x: unknown (y?)",
    )
