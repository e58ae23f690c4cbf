"""Names of authors: their parts, lists of them, and how bibliographies write them."""

import pytest

from papertrack.exports.bibtex import bibtex_people
from papertrack.exports.citations import ris_name
from papertrack.matching.names import INITIAL, SAME, name_score
from papertrack.people import author_names, parse_name, split_names

# The name, its parts (given, particles, family, suffix), and how BibTeX and RIS write it.
PEOPLE = [
    ("Ada One", ("Ada", "", "One", ""), "Ada One", "One, Ada"),
    ("Jan van der Berg", ("Jan", "van der", "Berg", ""), "Jan van der Berg", "van der Berg, Jan"),
    ("Luc Van Gool", ("Luc", "Van", "Gool", ""), "Van Gool, Luc", "Van Gool, Luc"),
    ("Jan Van den Berg", ("Jan", "Van den", "Berg", ""), "Van den Berg, Jan", "Van den Berg, Jan"),
    ("Ana de la Cruz Vega", ("Ana", "de la", "Cruz Vega", ""), "de la Cruz Vega, Ana",
     "de la Cruz Vega, Ana"),
    ("Hien Van Nguyen", ("Hien Van", "", "Nguyen", ""), "Hien Van Nguyen", "Nguyen, Hien Van"),
    ("Rami Al-Amin", ("Rami", "", "Al-Amin", ""), "Rami Al-Amin", "Al-Amin, Rami"),
    ("Ana Vega y Luna", ("Ana", "", "Vega y Luna", ""), "{Vega y Luna}, Ana", "Vega y Luna, Ana"),
    ("Bo M. Stork Jr.", ("Bo M.", "", "Stork", "Jr."), "Stork, Jr., Bo M.", "Stork, Bo M., Jr."),
    ("Bo Stork, Jr.", ("Bo", "", "Stork", "Jr."), "Stork, Jr., Bo", "Stork, Bo, Jr."),
    ("Stork, Bo, Jr.", ("Bo", "", "Stork", "Jr."), "Stork, Jr., Bo", "Stork, Bo, Jr."),
    ("Cy Tern III", ("Cy", "", "Tern", "III"), "Tern, III, Cy", "Tern, Cy, III"),
    ("van der Berg, Jan", ("Jan", "van der", "Berg", ""), "van der Berg, Jan", "van der Berg, Jan"),
    ("Plato", ("", "", "Plato", ""), "Plato", "Plato"),
    ("Max Grün", ("Max", "", "Grün", ""), r'Max Gr{\"u}n', "Grün, Max"),
    ("Łukasz Żuk", ("Łukasz", "", "Żuk", ""), r"{\L}ukasz {\.Z}uk", "Żuk, Łukasz"),
    (r"G\"odel", ("", "", r"G\"odel", ""), r"G\"odel", r"G\"odel"),
]  # fmt: skip
GROUPS = ("Kimi Team", "ATLAS Collaboration", "NVIDIA", "the TCV team", "OpenAI", "Mistral AI",
          "The Institute of Birds", "Jo and Co", "Gemini Team Google")  # fmt: skip


@pytest.mark.parametrize(("name", "parts", "bibtex", "ris"), PEOPLE)
def test_a_name_has_the_same_parts_in_every_bibliography(name, parts, bibtex, ris):
    assert parse_name(name)[:4] == parts
    assert (bibtex_people([name]), ris_name(name)) == (bibtex, ris)


@pytest.mark.parametrize("name", GROUPS)
def test_a_group_has_no_family_name(name):
    assert parse_name(name) == ("", "", name, "", True)
    assert (bibtex_people([name, "A B"]), ris_name(name)) == (f"{{{name}}} and A B", name)


@pytest.mark.parametrize("name", ["The Huynh Vu", "Qing Ai", "D", "Yan Xia", "Di Wang"])
def test_a_person_is_no_group(name):
    assert not parse_name(name).is_group


def test_separators_are_no_authors():
    names = ["NVIDIA", ":", ",", "Ada Wren", "and Bo Stork", "Cy Tern,", "Ada Wren"]
    assert author_names(names) == ("NVIDIA", "Ada Wren", "Bo Stork", "Cy Tern")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("A. Heron (CERN, Geneva), B. Stork, Jr., and C. Tern", "A. Heron|B. Stork Jr.|C. Tern"),
        ("BIRD Team, :, Ada Wren", "BIRD Team|Ada Wren"),
        ("Ada Wren and Bo Stork", "Ada Wren|Bo Stork"),
        ("Ada Wren (One (Two), Three), Bo Stork; Cy Tern", "Ada Wren|Bo Stork|Cy Tern"),
        ("Sandy Anders", "Sandy Anders"),
        ("ATLAS Collaboration: A. Wren, B. Stork", "ATLAS Collaboration|A. Wren|B. Stork"),
        ("Wren, A.; Stork, B., Jr.; van der Tern, C.", "A. Wren|B. Stork Jr.|C. van der Tern"),
    ],
)
def test_a_list_of_names_is_divided(text, names):
    assert split_names(text) == tuple(names.split("|"))


@pytest.mark.parametrize(
    ("watched", "author", "score"),
    [
        ("Lukasz Zuk", "Łukasz Żuk", SAME),
        ("Łukasz Żuk", r"{\L}ukasz \.{Z}uk", SAME),
        ("Soren Holm", "Søren Holm", SAME),
        ("Isik Yilmaz", "Işık Yılmaz", SAME),  # noqa: RUF001
        ("Thorsson", "Halldór Þórsson", SAME),
        ("Stork", "Bo M. Stork Jr.", SAME),
        ("Bo Stork", "Bo M. Stork Jr.", SAME),
        ("Bo Stork Jr.", "Bo Stork", SAME),
        ("Bo Stork Jr.", "Bo Stork III", 0),
        ("Bo Stork Jr.", "Stork, B., Jr.", INITIAL),
        ("van der Berg", "Jan van der Berg", SAME),
        ("Berg", "Jan van der Berg", SAME),
        ("van den Berg", "Jan van der Berg", 0),
        ("Jan van den Berg", "Jan van der Berg", 0),
        ("Garcia-Luna", "Ana García Luna", SAME),
        ("ATLAS Collaboration", "The ATLAS Collaboration", SAME),
        ("Team", "Kimi Team", 0),
        ("Jr.", "Bo Stork Jr.", 0),
    ],
)
def test_a_watched_name_fits_other_spellings_of_the_person(watched, author, score):
    assert name_score(watched, author) == score
