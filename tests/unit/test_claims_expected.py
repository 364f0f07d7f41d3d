"""The table of what claims expect: complete, used, and the one in the docs."""

import ast
import math
from pathlib import Path

import pytest

from gahb.claims.expected import EXPECTED
from gahb.claims.expected.__main__ import document

ROOT = Path(__file__).parents[2]
ALL = [(page, key) for page, claims in EXPECTED.items() for key in claims]


@pytest.mark.parametrize(("page", "key"), ALL)
def test_every_claim_says_where_it_stands_and_why_its_range_is_this(page, key):
    expected = EXPECTED[page][key]
    for text in (expected.source, expected.says, expected.reason):
        assert text.strip()
    assert expected.says.endswith(".")
    assert expected.reason.endswith(".")
    assert expected.low < expected.high
    assert math.isfinite(expected.low) or math.isfinite(expected.high)


def test_ours_says_what_would_follow_if_it_failed():
    for page, key in ALL:
        expected = EXPECTED[page][key]
        assert expected.ours == expected.says.startswith("If it failed"), key


def test_every_expectation_is_judged_somewhere_and_no_range_stands_elsewhere():
    files = [path for path in (ROOT / "gahb/claims").glob("*.py") if path.name != "judging.py"]
    words = {
        node.value
        for path in files
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    parts = {f"{images}_{verb}" for images in ("train", "test") for verb in ("falls", "rises")}
    assert {key for _, key in ALL} <= words | parts
    assert not any("Expected(" in path.read_text() for path in files)


def test_the_table_in_the_docs_is_this_one():
    """Made by ``python -m gahb.claims.expected``."""
    assert document() in (ROOT / "docs/claims.md").read_text()


def test_a_change_after_results_is_listed_with_its_commit():
    for page, key in ALL:
        if text := EXPECTED[page][key].changed:
            assert any(len(word.strip(".,")) == 7 for word in text.split()), key
