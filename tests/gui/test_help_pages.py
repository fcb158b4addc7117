"""The help's rules: headings, anchors, links, finding, going back, widths of columns."""

from __future__ import annotations

import pytest

from sync_gui.help_columns import Column, column_shares
from sync_gui.help_files import carried_folder
from sync_gui.help_history import History, Spot
from sync_gui.help_pages import (
    PAGES,
    Place,
    WebAddress,
    chapter_about,
    destination,
    for_qt,
    headings,
    list_numbers,
    pictures_of,
    without_pictures,
)
from sync_gui.help_search import NOT_FOUND, TOO_SHORT, Match, find_matches, first_from, told

# --- pages ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "text", "anchor"),
    [
        ("# Handbuch", "Handbuch", "handbuch"),
        ("## Die Menüs", "Die Menüs", "die-menüs"),
        ("## Üben mit der Demo", "Üben mit der Demo", "üben-mit-der-demo"),
        ("### **API**", "API", "api"),
        ("## API-Schlüssel ##", "API-Schlüssel", "api-schlüssel"),
        ("## 1. Einen Patienten", "1. Einen Patienten", "1-einen-patienten"),
        ("## Meldungen, die keine sind", "Meldungen, die keine sind", "meldungen-die-keine-sind"),
        ("## `a_b` und [mehr](x.md) – so", "a_b und mehr – so", "a_b-und-mehr--so"),
    ],
)
def test_anchors_are_those_of_github(line, text, anchor):
    (heading,) = headings(f"Vorweg\n\n{line}\n\nText\n")
    assert (heading.text, heading.anchor) == (text, anchor)
    assert heading.level == line.index(" ")


def test_equal_headings_get_numbers_and_code_has_none():
    page = "## A\n### **A**\n```\n# no heading\n```\n## A-1\n## A\n#tag\n"
    assert [one.anchor for one in headings(page)] == ["a", "a-1", "a-1-1", "a-2"]


def test_a_chapter_is_found_by_its_title_at_the_second_level_only():
    found = headings("# Protokoll\n### Tag\n## Protokoll\n## Tag\n")
    assert chapter_about("Protokoll", found) == "protokoll-1"
    assert chapter_about("Tag", found) == "tag-1"
    assert chapter_about("Statistik", found) == ""
    assert chapter_about("", found) == ""


@pytest.mark.parametrize(
    ("target", "leads_to"),
    [
        ("#das-fenster", Place("handbuch.md", "das-fenster")),
        ("#api-schl%C3%BCssel", Place("handbuch.md", "api-schlüssel")),
        ("erste-schritte.md", Place("erste-schritte.md")),
        ("./fehlermeldungen.md#x", Place("fehlermeldungen.md", "x")),
        ("https://example.org/a#b", WebAddress("https://example.org/a#b")),
        ("http://example.org", WebAddress("http://example.org")),
        ("settings.md", None),
        ("../README.md", None),
        ("/etc/passwd", None),
        ("file:///etc/passwd", None),
        ("javascript:alert(1)", None),
        ("mailto:a@example.org", None),
        ("//example.org/handbuch.md", None),
        ("http:handbuch.md", None),
        ("http://[", None),
        ("handbuch.md?x=1", None),
    ],
)
def test_where_links_lead(target, leads_to):
    assert destination("handbuch.md", target) == leads_to


def test_pictures_and_what_stands_for_them():
    page = "![Ein Bild](images/a.png)\n\n![B](images/b.png) ![B](images/b.png)\n"
    assert pictures_of(page) == ("images/a.png", "images/b.png")
    changed = without_pictures(page, {"images/a.png"})
    assert changed.startswith("*[Bild fehlt: Ein Bild]*\n")
    assert pictures_of(changed) == ("images/b.png",)


def test_numbers_of_lists_and_line_breaks():
    assert list_numbers("1. a\n   b\n2. c\n\n![x](y)\n\n3. d\n10) e\n2025 was\n") == (1, 2, 3, 10)
    assert for_qt("a<br>b<BR/>c") == "a\u2028b\u2028c"


# --- finding -------------------------------------------------------------------------------------

TEXTS = {"eins": "Die PIZ. Die  Nummer\nsteht da.", "zwei": "", "drei": "die nummer"}
ORDER = list(TEXTS)


def test_words_are_found_whatever_their_letters_and_blanks():
    found = find_matches(TEXTS, " die nummer ")
    assert found == (Match("eins", 9, 20), Match("drei", 0, 10))
    assert find_matches(TEXTS, ".*") == ()
    assert find_matches(TEXTS, "da.") == (Match("eins", 27, 30),)


@pytest.mark.parametrize("words", ["", "  ", "d", " d "])
def test_a_single_letter_is_not_searched(words):
    assert find_matches(TEXTS, words) == ()


def test_the_first_match_is_the_next_one_to_read():
    found = find_matches(TEXTS, "die")
    assert [match.start for match in found] == [0, 9, 0]
    assert first_from(found, ORDER, "eins", 0) == 0
    assert first_from(found, ORDER, "eins", 1) == 1
    assert first_from(found, ORDER, "eins", 10) == 2
    assert first_from(found, ORDER, "zwei", 0) == 2
    assert first_from(found, ORDER, "drei", 5) == 0


def test_what_came_of_a_search_is_said_in_words():
    found = find_matches(TEXTS, "die")
    assert told(" ", (), None) == ""
    assert told("d", (), None) == TOO_SHORT
    assert told("xyz", (), None) == NOT_FOUND
    assert told("die", found, None) == "3 Treffer"
    assert told("die", found, 1) == "Treffer 2 von 3"


# --- going back ----------------------------------------------------------------------------------


def test_back_and_forward():
    history = History()
    a, b, c = (Spot("handbuch.md", position) for position in (0, 10, 20))
    assert history.go_back(a) is None
    history.leave(a)
    history.leave(b)
    assert history.can_go_back
    assert not history.can_go_forward
    assert history.go_back(c) == b
    assert history.go_back(b) == a
    assert not history.can_go_back
    assert history.go_forward(a) == b
    history.leave(b)
    assert not history.can_go_forward
    assert history.go_back(c) == b


def test_not_everything_is_kept():
    history = History()
    for position in range(1000):
        history.leave(Spot("handbuch.md", position))
        history.leave(Spot("handbuch.md", position))
    here, steps = Spot("handbuch.md", 1000), 0
    while (before := history.go_back(here)) is not None:
        assert before.position == here.position - 1
        here, steps = before, steps + 1
    assert steps == 200


# --- widths --------------------------------------------------------------------------------------


def test_columns_get_their_longest_word_and_long_texts_get_more():
    shares = column_shares([Column(100, 100), Column(100, 500), Column(100, 1700)], 900)
    assert sum(shares) == pytest.approx(100)
    assert [share * 9 for share in shares] == pytest.approx([100, 300, 500])


def test_columns_that_have_no_room_shrink_together():
    shares = column_shares([Column(100, 100), Column(300, 500)], 200)
    assert shares == pytest.approx([25, 75])
    assert column_shares([Column(10, 10), Column(10, 10)], 100) == pytest.approx([50, 50])


def test_the_titles_are_in_the_pages():
    assert {
        name: headings((carried_folder() / name).read_text("utf-8"))[0].text for name in PAGES
    } == dict(PAGES)
