"""The list of what a release needs finds what is left to do."""

from __future__ import annotations

import lowest
import newer
import pytest
from release import changelog, in_order, latest, new_names, version

SECTION = """# Changelog

Words.

## 0.3.0 (2026-12-01)

- `Charge`: new.

### Answers that change

- EST-001 (from 2026-05-04): another day.

## 0.2.0 (2026-11-01)

- `Older`, ABC-999.
"""


def test_a_section_ends_where_the_next_begins() -> None:
    said, beside, text = latest(SECTION)
    assert (said, beside) == ("0.3.0", "2026-12-01")
    assert "EST-001" in text
    assert "Older" not in text
    assert "Words" not in text


@pytest.mark.parametrize(
    ("text", "now", "kept", "said"),
    [
        (SECTION, "0.3.0", ["0.1.0", "0.2.0"], []),
        (SECTION, "0.3.0", ["0.3.0"], []),
        (SECTION, "0.3.0", ["0.10.0"], ["0.10.0 is kept already, and later than 0.3.0"]),
        (SECTION, "0.2.0", [], ["the package is 0.2.0, the first section of the changelog is 0.3.0"]),
        (SECTION, "0.3.0.dev1", [], ["0.3.0.dev1 is no version of a release"]),
        (
            SECTION.replace("2026-12-01", "unreleased"),
            "0.3.0",
            [],
            ["the changelog says 'unreleased' beside 0.3.0"],
        ),
        (SECTION.replace(" (2026-12-01)", ""), "0.3.0", [], ["the changelog says 'nothing' beside 0.3.0"]),
    ],
)
def test_the_version_is_one_everywhere(text: str, now: str, kept: list[str], said: list[str]) -> None:
    assert [problem[: len(one)] for problem, one in zip(version(text, now, kept), said, strict=True)] == said


@pytest.mark.parametrize(
    ("text", "names", "said"),
    [
        (SECTION, {"Charge"}, []),
        (SECTION, {"Charge", "Older"}, ["Older is new, and not named"]),
        (SECTION.replace("- EST-001", "EST-001"), set(), ["no answers that change"]),
        (SECTION.replace("### Answers that change\n", ""), set(), ["no answers that change"]),
        (SECTION.replace("EST-001", "EST-999"), set(), ["no rule is called EST-999"]),
    ],
)
def test_a_changelog_leaves_nothing_out(text: str, names: set[str], said: list[str]) -> None:
    assert [problem[: len(one)] for problem, one in zip(changelog(text, names), said, strict=True)] == said


def test_versions_are_sorted_as_numbers() -> None:
    assert sorted(["0.10.0", "0.2.0", "1.0.0"], key=in_order) == ["0.2.0", "0.10.0", "1.0.0"]


def test_a_new_name_is_a_class_or_a_function() -> None:
    old = "class csp_transfer.Step(Plain)\ncsp_transfer.Step.day: date\n"
    new = (
        old
        + "class csp_transfer.Charge(Plain)\ncsp_transfer.Charge.days: int\ncsp_transfer.frames.of(x: 'T')\n"
    )
    assert new_names(old, new) == {"Charge", "of"}


def test_what_the_nightly_searches_name_is_there() -> None:
    """Both are run at night only: a test that is moved would be missed late."""
    named = {f"tests/test_{name}.py" for name in newer.TESTS}.union(*lowest.USED_BY.values())
    assert {name for name in named if not (newer.ROOT / name).exists()} == set()
    assert {path.stem for path in lowest.LOCKS.glob("*.txt")} == lowest.USED_BY.keys()
