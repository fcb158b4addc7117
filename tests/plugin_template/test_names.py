from __future__ import annotations

import pytest

from plugin_template.names import Names, Taken, names_of, problems


@pytest.mark.parametrize(
    ("project", "names"),
    [
        ("day-count", Names("day-count", "day_count", "/api/day-count", "Day Count")),
        ("Day_Count", Names("day-count", "day_count", "/api/day-count", "Day Count")),
        ("a..b--c", Names("a-b-c", "a_b_c", "/api/a-b-c", "A B C")),
        ("x", Names("x", "x", "/api/x", "X")),
        ("OPS5", Names("ops5", "ops5", "/api/ops5", "OPS5")),
    ],
)
def test_all_names_are_made_from_one(project: str, names: Names) -> None:
    assert names_of(project) == names
    assert list(problems(names, Taken())) == []


@pytest.mark.parametrize(
    "project",
    ["", "-x", "x-", ".x", "a b", "ä", "a/b", "../x", "x\n", "x;y", "{{x}}", "x" * 61, "Ⅷ", "٣"],
)
def test_what_packaging_refuses_is_refused(project: str) -> None:
    with pytest.raises(ValueError, match="project name"):
        names_of(project)


@pytest.mark.parametrize(
    ("project", "word"),
    [
        ("3d", "cannot be"),
        ("import", "cannot be"),
        ("json", "module json"),
        ("mine", "module mine"),
    ],
)
def test_a_package_must_be_importable_and_new(project: str, word: str) -> None:
    taken = Taken(is_module=lambda name: name == "mine")
    (problem,) = problems(names_of(project), taken)
    assert word in problem


def test_names_and_paths_of_others_are_taken() -> None:
    taken = Taken(frozenset({"day"}), frozenset({"/api/day/x", "/api/other", "/api/days"}))
    told = list(problems(names_of("day"), taken))
    assert [one.split(" is ")[0] for one in told] == ["the name day", "the path /api/day/x"]
    assert list(problems(names_of("oth"), taken)) == []
