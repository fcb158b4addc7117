"""The help window, opened from the real main window: every page, link, picture and key."""

from __future__ import annotations

import gc
import logging
import re
import shutil
import weakref

import pytest
from PyQt5 import sip
from PyQt5.QtCore import QPoint, Qt, QUrl
from PyQt5.QtGui import QDesktopServices, QFontMetrics, QTextDocument, QTextFormat
from PyQt5.QtWidgets import QApplication, QLineEdit, QWidget

from hookspecs import PanelSpec
from sync_gui.colours import DARK, LIGHT, contrast
from sync_gui.help_document import PageDocument, Sheet, plain_text
from sync_gui.help_files import carried_folder, read_book
from sync_gui.help_pages import (
    PAGES,
    Place,
    WebAddress,
    destination,
    headings,
    list_numbers,
    pictures_of,
)
from sync_gui.help_window import HelpWindow
from sync_gui.style import apply_style

BOOK = read_book(carried_folder())


@pytest.fixture
def open_help(qtbot, open_window):
    """Opens the program's window and through its menu the help."""

    def open_one(words: str = "Handbuch", **changes: object) -> tuple[QWidget, HelpWindow]:
        window = open_window(**changes)
        window.panels.build()
        qtbot.waitUntil(lambda: all(frame.built for frame in window.panels.frames))
        choose(window, words)
        return window, shown(qtbot, window)

    return open_one


def choose(window, words: str) -> None:
    (action,) = (
        action
        for menu in window.menuBar().actions()
        for action in menu.menu().actions()
        if action.text().replace("&", "") == words
    )
    action.trigger()


def shown(qtbot, window) -> HelpWindow:
    qtbot.waitUntil(lambda: window.help.window is not None)
    qtbot.waitExposed(window.help.window)
    return window.help.window


def panel(title: str) -> tuple[str, PanelSpec]:
    return "labor", PanelSpec(title.lower(), title, QLineEdit)


def heading_in_sight(helping: HelpWindow) -> str:
    """The heading that stands at the upper edge."""
    return helping.view.document().findBlock(helping.view.top()).text()


def links(document: QTextDocument) -> list[tuple[int, str]]:
    """Position and target of every link that a document has."""
    found = []
    block = document.begin()
    while block.isValid():
        pieces = block.begin()
        while not pieces.atEnd():
            piece = pieces.fragment()
            if piece.charFormat().isAnchor():
                found.append((piece.position(), piece.charFormat().anchorHref()))
            pieces += 1
        block = block.next()
    return found


# --- opening and closing -------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "title"), PAGES.items())
def test_each_menu_entry_opens_its_page(open_help, name, title):
    _, helping = open_help(title)
    assert helping.windowTitle() == f"{title} – Hilfe"
    assert helping.view.page == name
    assert helping.isVisible()
    assert not helping.isModal()
    assert heading_in_sight(helping) == title


def test_there_is_one_window_and_it_shows_what_was_asked_last(qtbot, open_help):
    window, helping = open_help("Handbuch")
    choose(window, "Fehlermeldungen")
    assert window.help.window is helping
    assert helping.view.page == "fehlermeldungen.md"
    helping.close()
    assert window.help.window is None
    choose(window, "Erste Schritte")
    choose(window, "Fehlermeldungen")  # while the pages are being read
    again = shown(qtbot, window)
    assert again.view.page == "fehlermeldungen.md"
    open_ones = [one for one in QApplication.topLevelWidgets() if isinstance(one, HelpWindow)]
    assert [one for one in open_ones if one.isVisible()] == [again]


@pytest.mark.parametrize("title", ["Einzelner Patient", "Tagesabgleich", "Protokoll"])
def test_f1_opens_the_chapter_of_the_panel(qtbot, open_window, title):
    window = open_window(panels=(panel("Statistik"), panel(title)))
    window.panels.build()
    qtbot.waitUntil(lambda: all(frame.built for frame in window.panels.frames))
    window.activateWindow()
    window.panels.show_panel(window.panels.frames[1])
    qtbot.waitUntil(lambda: isinstance(QApplication.focusWidget(), QLineEdit))
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_F1)
    helping = shown(qtbot, window)
    assert (helping.view.page, heading_in_sight(helping)) == ("handbuch.md", title)
    assert helping.contents.currentItem().text(0) == title


def test_a_panel_in_a_dock_has_its_chapter_when_it_has_the_focus(qtbot, open_window):
    docked = ("labor", PanelSpec("log", "Protokoll", QLineEdit, area="bottom"))
    window = open_window(panels=(panel("Tagesabgleich"), docked))
    window.panels.build()
    qtbot.waitUntil(lambda: all(frame.built for frame in window.panels.frames))
    window.panels.show_panel(window.panels.frames[1])
    choose(window, "Handbuch")
    assert heading_in_sight(shown(qtbot, window)) == "Protokoll"


def test_a_panel_without_a_chapter_opens_the_beginning(open_help):
    _, helping = open_help(panels=(panel("Statistik"),))
    assert heading_in_sight(helping) == "Handbuch"


def test_escape_closes_and_the_size_is_kept(qtbot, open_help):
    window, helping = open_help()
    assert helping.height() != 555
    helping.resize(helping.width(), 555)
    helping.contents.setFocus()
    qtbot.keyClick(helping.contents, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: window.help.window is None)
    choose(window, "Handbuch")
    assert shown(qtbot, window).height() == 555


def test_everything_has_room_on_a_small_screen(open_help):
    _, helping = open_help()
    em = helping.fontMetrics().height()
    assert helping.minimumSizeHint().width() <= em * 43  # 1366 pixels at 200 % are 683


def test_closing_the_program_closes_the_help_too(qtbot, open_help):
    window, _ = open_help()
    window.close()
    assert window.help.window is None
    assert not [
        one
        for one in QApplication.topLevelWidgets()
        if isinstance(one, HelpWindow) and one.isVisible()
    ]


def test_closing_the_program_opens_no_help_that_is_still_being_read(qtbot, open_window, bridge):
    window = open_window()
    choose(window, "Handbuch")
    window.close()
    assert bridge.close(5.0)  # all workers have ended: what they read is on its way
    QApplication.processEvents()
    assert window.help.window is None


def test_a_closed_window_is_no_garbage_while_qt_may_still_work_with_it(qtbot, open_help):
    window, helping = open_help()
    view = weakref.ref(helping.view)
    helping.close()
    del helping
    gc.collect()
    assert window.help.window is None
    assert not sip.isdeleted(view())

    def is_gone() -> bool:
        gc.collect()
        return view() is None

    qtbot.waitUntil(is_gone)


# --- what is shown -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PAGES)
def test_no_link_is_dead(qtbot, open_help, monkeypatch, name):
    _, helping = open_help(PAGES[name])
    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", opened.append)
    followed = links(helping.view.document())
    assert followed
    for _, target in followed:
        helping.go(Place(name))
        place = destination(name, target)
        assert isinstance(place, Place)
        helping.view.anchorClicked.emit(QUrl(target))
        assert helping.view.page == place.page
        if place.anchor:
            found = headings(BOOK[place.page].text)
            (number,) = (n for n, one in enumerate(found) if one.anchor == place.anchor)
            assert helping.contents.currentItem().text(0) == found[number].text
            position = helping.view.heading_position(number)
            at_the_end = (
                helping.view.verticalScrollBar().value()
                == helping.view.verticalScrollBar().maximum()
            )
            assert helping.view.top() == position or at_the_end
    assert opened == []


def test_a_link_with_the_keyboard(qtbot, open_help):
    _, helping = open_help("Fehlermeldungen")
    helping.activateWindow()
    helping.view.setFocus()
    qtbot.keyClick(helping.view, Qt.Key.Key_Tab)
    qtbot.keyClick(helping.view, Qt.Key.Key_Return)
    assert helping.view.page == "handbuch.md"


def test_links_to_what_is_not_carried_are_text(qtbot):
    text = BOOK["handbuch.md"].text
    targets = re.findall(r"[^!]\[[^\]]*\]\(([^)]+)\)", text)
    assert {"settings.md", "administration.md"} < set(targets)
    document = PageDocument(BOOK["handbuch.md"], Sheet(QApplication.font(), 800, 1.0))
    assert "administration.md" in document.toPlainText()
    left = [target for _, target in links(document)]
    assert left == [one for one in targets if destination("handbuch.md", one) is not None]


def test_only_addresses_of_the_web_go_to_the_browser(qtbot):
    opened: list[str] = []
    helping = HelpWindow(BOOK, opened.append)
    qtbot.addWidget(helping)
    helping.go(Place("handbuch.md"))
    for target in ("https://example.org/x", "file:///etc/passwd", "javascript:1", "settings.md"):
        helping.view.anchorClicked.emit(QUrl(target))
    assert opened == ["https://example.org/x"]
    assert isinstance(destination("handbuch.md", opened[0]), WebAddress)
    assert helping.view.page == "handbuch.md"


@pytest.mark.parametrize("ratio", [1.0, 2.0])
@pytest.mark.parametrize("name", PAGES)
def test_every_picture_is_shown_sharp_and_never_too_large(qapp, name, ratio):
    page = BOOK[name]
    assert set(page.pictures) == set(pictures_of(page.text))
    for width in (500, 900, 3000):
        document = PageDocument(page, Sheet(qapp.font(), width, ratio))
        seen = {}
        for number in range(len(document.allFormats())):
            form = document.allFormats()[number]
            if form.isImageFormat():
                seen[form.toImageFormat().name()] = form.toImageFormat()
        assert set(seen) == set(page.pictures)
        for picture, form in seen.items():
            natural = page.pictures[picture]
            assert form.width() <= min(natural.width(), width)
            assert form.height() / form.width() == pytest.approx(
                natural.height() / natural.width(), rel=0.01
            )
            drawn = document.resource(QTextDocument.ResourceType.ImageResource, QUrl(picture))
            assert drawn.width() == round(form.width() * ratio)


def test_nothing_but_the_pages_own_pictures_is_loaded(qapp, tmp_path):
    document = PageDocument(BOOK["handbuch.md"], Sheet(qapp.font(), 800, 1.0))
    kinds = QTextDocument.ResourceType
    shown_one = next(iter(BOOK["handbuch.md"].pictures))
    assert document.loadResource(kinds.ImageResource, QUrl(shown_one)) is not None
    foreign = (carried_folder() / "images" / "window.png").as_uri()
    for target in (foreign, "http://example.org/a.png", "images/first-down.png", ""):
        assert document.loadResource(kinds.ImageResource, QUrl(target)) is None
    assert document.loadResource(kinds.StyleSheetResource, QUrl(shown_one)) is None
    helping = HelpWindow(BOOK, print)
    assert helping.view.loadResource(kinds.ImageResource, QUrl(foreign)) is None
    helping.deleteLater()


@pytest.mark.parametrize("name", PAGES)
def test_headings_lists_and_tables_are_those_of_the_page(qapp, name):
    page = BOOK[name]
    document = PageDocument(page, Sheet(qapp.font(), 800, 1.0))
    assert [block.text() for block in document.heading_blocks()] == [
        heading.text for heading in headings(page.text)
    ]
    numbered = [
        block.textList().itemText(block)
        for block in document.blocks()
        if block.textList() is not None
        and block.textList().format().style() == block.textList().format().Style.ListDecimal
    ]
    assert numbered == [f"{number}." for number in list_numbers(page.text)]
    assert document.toPlainText() == plain_text(page)
    assert max(plain_text(page)) <= "\uffff"  # beyond, Qt and Python count letters differently
    rows = re.findall(r"^\|(?!---)", page.text, re.MULTILINE)
    tables = document.rootFrame().childFrames()
    assert sum(table.rows() for table in tables) == len(rows)
    read = document.toPlainText()
    assert "**" not in read
    assert "<br>" not in read
    assert "dev.py" not in read  # a remark for those who write the pages


def test_headings_are_larger_than_text(qapp):
    document = PageDocument(BOOK["handbuch.md"], Sheet(qapp.font(), 800, 1.0))
    sizes = {
        block.blockFormat().headingLevel(): block.begin().fragment().charFormat().fontPointSize()
        for block in document.heading_blocks()
    }
    assert sizes[1] > sizes[2] > sizes[3] > qapp.font().pointSizeF()
    assert not any(
        form.hasProperty(QTextFormat.Property.FontSizeAdjustment)
        for form in (b.begin().fragment().charFormat() for b in document.heading_blocks())
    )


def test_a_wide_table_breaks_no_word(qapp):
    width = 46 * QFontMetrics(qapp.font()).height()  # as in the window's first size
    document = PageDocument(BOOK["fehlermeldungen.md"], Sheet(qapp.font(), width, 1.0))
    document.setTextWidth(width)
    document.size()
    (table,) = document.rootFrame().childFrames()
    broken = []
    for row in range(table.rows()):
        for column in range(table.columns()):
            block = table.cellAt(row, column).firstCursorPosition().block()
            layout, text = block.layout(), block.text()
            for number in range(layout.lineCount() - 1):
                line = layout.lineAt(number)
                end = line.textStart() + line.textLength()
                if text[end - 1 : end + 1].isalnum():
                    broken.append(text)
    assert broken == []


# --- themes --------------------------------------------------------------------------------------


def test_the_page_follows_the_theme_and_stays_where_it_is(qtbot, open_help, qapp):
    _, helping = open_help()
    helping.go(Place("handbuch.md", "protokoll"))
    top = helping.view.top()
    ((first, _), *_) = links(helping.view.document())

    def link_colour() -> str:
        cursor = helping.view.textCursor()
        cursor.setPosition(first + 1)
        return cursor.charFormat().foreground().color().name()

    assert link_colour() == LIGHT["accent"]
    try:
        apply_style(qapp, DARK)
        qtbot.waitUntil(lambda: link_colour() == DARK["accent"])
        assert helping.view.top() == top
        assert helping.view.palette().color(helping.view.foregroundRole()).name() == DARK["text"]
    finally:
        apply_style(qapp, LIGHT)
    qtbot.waitUntil(lambda: link_colour() == LIGHT["accent"])


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_what_the_page_paints_can_be_read(theme):
    pairs = [("accent", "surface"), ("text", "surface"), ("text", "hover")]
    pairs += [("demo_text", "demo"), ("on_accent", "accent"), ("accent", "hover")]
    assert all(contrast(theme[ink], theme[ground]) >= 4.5 for ink, ground in pairs)


@pytest.mark.parametrize("wider", [400, -200])
def test_a_new_width_keeps_the_place(qtbot, open_help, wider):
    _, helping = open_help()
    first = helping.view.document()
    helping.resize(1000, helping.height())
    qtbot.waitUntil(lambda: helping.view.document() is not first)
    helping.go(Place("handbuch.md", "einstellungen"))
    before = helping.view.document()
    helping.resize(1000 + wider, helping.height())
    qtbot.waitUntil(lambda: helping.view.document() is not before)
    assert heading_in_sight(helping) == "Einstellungen"
    assert helping.view.document().size().width() <= helping.view.viewport().width()


# --- searching, going back, contents -------------------------------------------------------------


def test_searching_goes_through_all_pages_and_says_what_it_found(qtbot, open_help):
    _, helping = open_help()
    helping.activateWindow()
    qtbot.keyClick(helping.view, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    field = helping.bar.field
    qtbot.waitUntil(field.hasFocus)
    field.setText("gleichzeitig geändert")  # QTest cannot type an umlaut
    assert helping.bar._result.text() == "3 Treffer"
    seen = []
    for key in (Qt.Key.Key_Return, Qt.Key.Key_F3, Qt.Key.Key_F3, Qt.Key.Key_F3):
        qtbot.keyClick(field, key)
        chosen = helping.view.textCursor()
        assert chosen.selectedText().lower() == "gleichzeitig geändert"
        where = helping.view.cursorRect(chosen)
        assert helping.view.viewport().rect().contains(where.center())
        seen.append((helping.view.page, chosen.selectionStart()))
        assert helping.bar._result.text() == f"Treffer {(len(seen) - 1) % 3 + 1} von 3"
    assert len(set(seen)) == 3
    assert seen[3] == seen[0]
    qtbot.keyClick(field, Qt.Key.Key_F3, Qt.KeyboardModifier.ShiftModifier)
    assert (helping.view.page, helping.view.textCursor().selectionStart()) == seen[2]
    qtbot.mouseClick(helping.bar.previous, Qt.MouseButton.LeftButton)
    assert helping.bar._result.text() == "Treffer 2 von 3"
    qtbot.mouseClick(helping.bar.next, Qt.MouseButton.LeftButton)
    assert helping.bar._result.text() == "Treffer 3 von 3"


def test_what_is_not_there_is_said_and_changes_nothing(qtbot, open_help):
    _, helping = open_help()
    place = helping.view.top()
    helping.bar.field.setText("Zwiebelkuchen")
    assert helping.bar._result.text() == "Nicht gefunden"
    assert not helping.bar.next.isEnabled()
    qtbot.keyClick(helping.bar.field, Qt.Key.Key_Return)
    assert helping.isVisible()
    assert helping.view.top() == place
    assert helping.view.extraSelections() == []
    helping.bar.field.setText("Patient")
    assert helping.bar.next.isEnabled()
    assert len(helping.view.extraSelections()) > 20
    helping.bar.field.clear()
    assert helping.bar._result.text() == ""
    assert helping.view.extraSelections() == []


def test_the_first_match_backwards_is_the_one_before(qtbot, open_help):
    _, helping = open_help()
    helping.go(Place("handbuch.md", "protokoll"))
    here = helping.view.top()
    helping.bar.field.setText("Tagesabgleich")
    qtbot.keyClick(helping, Qt.Key.Key_F3, Qt.KeyboardModifier.ShiftModifier)
    assert 0 < helping.view.textCursor().selectionStart() < here
    before = helping.view.textCursor().selectionStart()
    qtbot.keyClick(helping, Qt.Key.Key_F3)
    assert helping.view.textCursor().selectionStart() > max(here, before)


def test_back_and_forward_by_key_and_button(qtbot, open_help):
    _, helping = open_help()
    helping.activateWindow()
    assert not helping.back.isEnabled()
    helping.go(Place("handbuch.md", "protokoll"))
    helping.go(Place("fehlermeldungen.md"))
    places = [("handbuch.md", "Protokoll"), ("handbuch.md", "Handbuch")]
    alt = Qt.KeyboardModifier.AltModifier
    for place in places:
        qtbot.keyClick(helping.view, Qt.Key.Key_Left, alt)
        assert (helping.view.page, heading_in_sight(helping)) == place
    assert not helping.back.isEnabled()
    assert helping.windowTitle() == "Handbuch – Hilfe"
    qtbot.keyClick(helping.view, Qt.Key.Key_Right, alt)
    assert heading_in_sight(helping) == "Protokoll"
    qtbot.mouseClick(helping.forward, Qt.MouseButton.LeftButton)
    assert helping.view.page == "fehlermeldungen.md"
    assert not helping.forward.isEnabled()
    qtbot.mouseClick(helping.back, Qt.MouseButton.LeftButton)
    assert (helping.view.page, heading_in_sight(helping)) == places[0]


def test_the_contents_lead_to_every_heading(qtbot, open_help):
    _, helping = open_help()
    for name, page in BOOK.items():
        for heading in headings(page.text):
            helping.contents.chosen.emit(Place(name, heading.anchor))
            assert helping.view.page == name
            title = PAGES[name] if heading.level == 1 else heading.text
            assert helping.contents.currentItem().text(0) == title
    helping.go(Place("handbuch.md"))
    item = helping.contents.topLevelItem(0).child(2)
    helping.contents.scrollToItem(item)
    place = helping.contents.visualItemRect(item).center()
    qtbot.mouseClick(
        helping.contents.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(place.x(), place.y())
    )
    assert heading_in_sight(helping) == item.text(0) == "Einzelner Patient"


def test_the_contents_open_no_chapter_in_passing(open_help):
    _, helping = open_help(panels=(panel("Tagesabgleich"),))
    chapters = helping.contents.topLevelItem(0)
    below = [chapters.child(number) for number in range(chapters.childCount())]
    opened = [item.text(0) for item in below if item.isExpanded()]
    assert heading_in_sight(helping) == "Tagesabgleich"
    assert opened == []


def test_the_contents_follow_the_page(open_help):
    _, helping = open_help()
    bar = helping.view.verticalScrollBar()
    bar.setValue(bar.maximum() // 2)
    half = helping.contents.currentItem().text(0)
    assert half not in ("Handbuch", "Wenn Sie die IT verständigen")
    bar.setValue(0)
    assert helping.contents.currentItem().text(0) == "Handbuch"


# --- what is missing -----------------------------------------------------------------------------


def test_a_missing_page_and_picture_are_said_and_logged(qtbot, caplog, tmp_path):
    folder = tmp_path / "help"
    shutil.copytree(carried_folder(), folder, ignore=shutil.ignore_patterns("plugins", "sql"))
    (folder / "fehlermeldungen.md").unlink()
    (folder / "erste-schritte.md").write_bytes(b"# \xff\xfe")
    (folder / "images" / "window.png").unlink()
    (folder / "images" / "log.png").write_bytes(b"no picture")
    with caplog.at_level(logging.WARNING):
        book = read_book(folder)
    told = [record.getMessage() for record in caplog.records]
    for name in ("fehlermeldungen.md", "erste-schritte.md", "images/window.png", "images/log.png"):
        assert [line for line in told if name in line]
    assert len(told) == 4
    helping = HelpWindow(book, print)
    qtbot.addWidget(helping)
    helping.show()
    for name in PAGES:
        helping.go(Place(name))
        text = helping.view.toPlainText()
        if name == "handbuch.md":
            assert "[Bild fehlt: Das Fenster mit einer Vorschau]" in text
            assert text.count("[Bild fehlt: ") == 2
        else:
            assert "Diese Seite der Hilfe fehlt" in text


def test_without_any_folder_the_help_says_so(qtbot, caplog, tmp_path):
    book = read_book(tmp_path / "nowhere")
    assert list(book) == list(PAGES)
    assert all("Diese Seite der Hilfe fehlt" in page.text for page in book.values())
    assert len(caplog.records) == 3


def test_a_picture_outside_the_help_is_not_read(caplog, tmp_path):
    folder = tmp_path / "help"
    folder.mkdir()
    for name in PAGES:
        (folder / name).write_text("# X\n\n![a](../secret.png) ![b](/etc/hostname)\n")
    shutil.copy(carried_folder() / "images" / "window.png", tmp_path / "secret.png")
    assert all(page.pictures == {} for page in read_book(folder).values())
    assert len(caplog.records) == 6
