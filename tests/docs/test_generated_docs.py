"""The generated pages are fresh, and nothing that the code declares is missing on them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sync_core.error_catalogue import HTTP_ERRORS, TASK_ERRORS
from sync_core.reference_docs import (
    PAGES,
    default_words,
    errors_page,
    messages_page,
    settings_page,
    write_pages,
)
from sync_core.settings import declared_settings
from sync_core.toml_text import parse_toml

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_what_the_code_says(name):
    assert (DOCS / name).read_text(encoding="utf-8") == PAGES[name](), "run: dev.py docs"


def test_pages_are_written_with_the_same_line_ends_everywhere(tmp_path):
    write_pages(tmp_path)
    assert {page.name for page in tmp_path.iterdir()} == set(PAGES)
    assert all(b"\r" not in page.read_bytes() for page in tmp_path.iterdir())


@pytest.mark.parametrize("declared", tuple(declared_settings()), ids=lambda one: one.name)
def test_every_setting_is_described(declared):
    (row,) = [
        line for line in settings_page().splitlines() if line.startswith(f"| `{declared.name}` |")
    ]
    _, _, default, allowed, sentence, _ = (cell.strip() for cell in row.split("|"))
    assert default == default_words(declared)
    assert sentence == declared.sentence
    assert sentence.endswith(".")
    for bound in (declared.low, declared.high):
        assert bound is None or f"{bound:g}" in allowed
    for choice in declared.choices:
        assert choice in allowed


def test_a_default_can_be_copied_into_the_file():
    for declared in declared_settings():
        if declared.default is None:
            continue
        written = parse_toml(f"value = {default_words(declared).strip('`')}")["value"]
        if declared.kind == "type_rules":
            assert written == {"25": {"zuweiser_id": 7, "herzkatheter_id": 2}}
        elif isinstance(declared.default, tuple):
            assert tuple(written) == declared.default
        else:
            assert written == declared.default


def sections() -> dict[str, str]:
    """Each code's section of the page, by its anchor."""
    parts = re.split(r'<a id="(\w+)"></a>\n', errors_page())[1:]
    assert len(set(parts[::2])) == len(parts[::2]), "an anchor stands twice"
    return dict(zip(parts[::2], parts[1::2], strict=True))


def test_every_code_has_exactly_one_section():
    assert set(sections()) == {entry.code for entry in (*TASK_ERRORS, *HTTP_ERRORS)}


@pytest.mark.parametrize("entry", TASK_ERRORS, ids=lambda entry: entry.code)
def test_a_task_error_is_explained(entry):
    section = sections()[entry.code]
    for words in (entry.meaning, entry.cause, entry.advice, entry.sentence_de, entry.advice_de):
        assert words in section
    assert f"Safe to retry: {'yes' if entry.safe_to_retry else 'no'}" in section


@pytest.mark.parametrize("entry", HTTP_ERRORS, ids=lambda entry: entry.code)
def test_a_refusal_is_explained(entry):
    section = sections()[entry.code]
    for words in (f"HTTP {entry.status}", entry.title, entry.meaning, entry.advice):
        assert words in section


@pytest.mark.parametrize("entry", TASK_ERRORS, ids=lambda entry: entry.code)
def test_staff_find_each_message_with_what_to_do(entry):
    (row,) = [line for line in messages_page().splitlines() if f"`{entry.code}` |" in line]
    short, message, advice, again, _code = (cell.strip() for cell in row.strip("|").split("|"))
    assert short == f"**{entry.short_de}**"
    assert entry.short_de
    assert entry.sentence_de in message
    assert entry.stepwise_de in message
    assert advice == entry.advice_de
    assert again == ("Ja" if entry.safe_to_retry else "Erst klären")
