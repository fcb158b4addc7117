"""The pages for staff name nothing that is not on the screen, and leave nothing out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime

import pytest
from PyQt5.QtWidgets import QAction, QComboBox, QLineEdit, QPushButton

from plugins.single_patient.panel import preview_words, refusal_texts
from screenshots.scenes import FOR_DOCS, LARGEST_FOR_DOCS
from screenshots.stage import Stage, opened_stage
from sync_core import refusal_words
from sync_core.plugin_report import PluginReport, PluginState
from sync_gui.close_question import CloseQuestion
from sync_gui.day_panel import day_words, refusals
from sync_gui.day_panel.confirm_dialog import ConfirmDialog
from sync_gui.day_panel.day_facts import Deletion
from sync_gui.help_pages import headings
from sync_gui.services import ApiState, ApiStatus
from sync_gui.setup_notice import SetupNotice
from sync_gui.setup_words import NOT_ASKED, not_set_up, setup_words
from sync_gui.status_words import (
    Reach,
    api_light,
    health_light,
    names_light,
    plugins_light,
    tasks_light,
)
from tests.docs.handbook import (
    DOCS,
    bold,
    buttons_in,
    first_cells,
    names_in,
    page,
    plain,
    section,
    texts_of_the_program,
    warnings_of_the_program,
)

PAGES = ("handbuch.md", "erste-schritte.md")
HANDBOOK = page("handbuch.md")
HEADINGS = {
    preview_words.NOT_WRITTEN,
    "Übertragen",
    "Ausgang noch offen",
    # The handbook says what bold type means, in bold type.
    "Fett",
}


@pytest.fixture(scope="module")
def stage(qapp, tmp_path_factory) -> Iterator[Stage]:
    with opened_stage(qapp, tmp_path_factory.mktemp("demo")) as opened:
        tasks = opened.running.program.tasks
        opened.sync_to_the_end("1300008")
        opened.find(QLineEdit, "PIZ").setText("1234567")
        opened.find(QPushButton, "Vorschau").click()
        opened.wait(lambda: len(tasks.ended()) == 2, "the preview")
        opened.find(QPushButton, "Störungen einstellen").click()
        opened.tab("Tagesabgleich")
        opened.find(QPushButton, "Start").click()
        opened.wait(lambda: len(tasks.ended()) == 3, "the day")
        opened.settle()
        yield opened


@pytest.fixture(scope="module")
def dialogs(stage) -> dict[str, tuple[set[str], set[str]]]:
    """What can be read in each dialog, and the words on its buttons, by its title."""
    found = {}
    for action in stage.window.findChildren(QAction):
        words = action.text().replace("&", "")
        if not (words.endswith("…") or words.startswith("Verbindungen")):
            continue
        action.trigger()
        stage.wait(stage.dialogs, words)
        for dialog in stage.dialogs():
            found[dialog.windowTitle()] = names_in(dialog), buttons_in(dialog)
            dialog.close()
        stage.settle(0.1)
    stage.action("Handbuch").trigger()
    stage.wait(lambda: stage.window.help.window is not None, "the help")
    helping = stage.window.help.window
    found[helping.windowTitle()] = names_in(helping), buttons_in(helping)
    helping.close()
    deletion = Deletion(date(2025, 10, 7), 3, 4, ())
    for dialog in (CloseQuestion(stage.window), ConfirmDialog(deletion, stage.window)):
        found[dialog.windowTitle()] = names_in(dialog), buttons_in(dialog)
        dialog.deleteLater()
    return found


@pytest.fixture
def notice(qtbot, stage) -> SetupNotice:
    words = setup_words(("calldoc.base_url",))
    made = SetupNotice(words, tuple, stage.running.program.context_for("x", {}).bridge)
    qtbot.addWidget(made)
    return made


def test_the_notice_of_a_fresh_installation_is_described(notice):
    assert buttons_in(notice) - bold(section(HANDBOOK, "Das Fenster")) == set()


@pytest.mark.parametrize("name", PAGES)
def test_what_stands_in_bold_is_on_the_screen(stage, dialogs, notice, name):
    shown = names_in(stage.window) | names_in(notice) | HEADINGS
    shown |= {words for names, _buttons in dialogs.values() for words in names}
    assert {words.rstrip(":") for words in bold(page(name))} - shown == set()


def test_every_panel_has_a_section_that_describes_its_buttons(stage):
    frames = stage.window.panels.frames
    assert len(frames) == 3
    for frame in frames:
        named, buttons = bold(section(HANDBOOK, frame.spec.title)), buttons_in(frame)
        assert buttons
        assert (frame.spec.id, buttons - named) == (frame.spec.id, set())


def test_every_field_of_a_panel_is_described(stage):
    for frame in stage.window.panels.frames:
        named = bold(section(HANDBOOK, frame.spec.title))
        found = [*frame.findChildren(QLineEdit), *frame.findChildren(QComboBox)]
        fields = {one.accessibleName() for one in found} - {""}
        assert fields
        assert (frame.spec.id, fields - named) == (frame.spec.id, set())


def test_every_menu_and_every_entry_is_described(stage):
    bar = stage.window.menuBar()
    named = bold(section(HANDBOOK, "Die Menüs"))
    entries = set()
    for menu in (action.menu() for action in bar.actions()):
        entries |= {plain(menu.title()), *(plain(one.text()) for one in menu.actions())}
        for inner in (one.menu() for one in menu.actions() if one.menu() is not None):
            entries |= {plain(one.text()) for one in inner.actions()}
    assert len(entries) > 15
    assert entries - named - {""} == set()


def test_every_dialogs_buttons_are_described(dialogs):
    assert len(dialogs) == 8
    not_named = {
        "3 Untersuchungen löschen",
        "Passwort im Schlüsselspeicher",
        "Regel hinzufügen",
        "Regel entfernen",
        "Auswählen",
    }
    for title, (_names, buttons) in dialogs.items():
        assert buttons
        left = buttons - bold(HANDBOOK) - not_named
        assert (title, left) == (title, set())


def test_the_ribbon_is_described(stage):
    named, buttons = bold(section(HANDBOOK, "Üben mit der Demo")), buttons_in(stage.window.ribbon)
    assert len(buttons) == 2
    assert buttons - named == set()


def plugin(state: PluginState, reason: str | None = None) -> PluginReport:
    return PluginReport("labor", "1", state, reason, (), (), None, None)


def test_every_light_is_explained():
    now = datetime(2025, 10, 6, 15, 0)
    down = Reach(False, "", datetime(2025, 10, 6, 14, 5))
    lights = [
        api_light(ApiState(ApiStatus.RUNNING, "127.0.0.1:5555")),
        api_light(ApiState(ApiStatus.RUNNING, "192.168.1.10:5555")),
        api_light(ApiState(ApiStatus.PORT_IN_USE, "127.0.0.1:5555")),
        api_light(ApiState(ApiStatus.STOPPED, "127.0.0.1:5555")),
        api_light(ApiState(ApiStatus.STARTING, "127.0.0.1:5555")),
        *(health_light("CallDoc", reach, now) for reach in (None, Reach(True, ""), down)),
        health_light("CallDoc", not_set_up(["calldoc.base_url"])["calldoc"], now),
        health_light("CallDoc", NOT_ASKED, now),
        names_light(),
        *(tasks_light(number) for number in (0, 1, 3)),
        plugins_light([plugin("starting")]),
        plugins_light([plugin("failed", "x")]),
        plugins_light([plugin("loaded", "x")]),
    ]
    cells = first_cells(section(HANDBOOK, "Die Zeichen am unteren Rand"))
    assert sorted(light.text for light in lights if light is not None) == sorted(cells)


@pytest.mark.parametrize(
    ("told", "where"),
    [
        (day_words._OWN_REASONS, "Tagesabgleich"),
        (refusals.DAY_WORDS.by_code, "Meldungen, die keine Fehler eines Abgleichs sind"),
        (refusal_texts.PATIENT_WORDS.by_code, "Meldungen, die keine Fehler eines Abgleichs sind"),
        (
            {"not_configured": refusal_words.MISSING_PLUGIN},
            "Meldungen, die keine Fehler eines Abgleichs sind",
        ),
    ],
    ids=["day", "day-refusals", "refusals", "missing-plugin"],
)
def test_every_message_stands_with_its_advice(told, where):
    text = section(HANDBOOK, where)
    lost = [words for words in told.values() if f"| „{words[0]}“ | {words[1]} |" not in text]
    assert lost == []


def test_no_message_of_the_handbook_is_out_of_use():
    told = " ".join(texts_of_the_program().split())
    quoted = [
        *first_cells(section(HANDBOOK, "Tagesabgleich")),
        *first_cells(section(HANDBOOK, "Meldungen, die keine Fehler eines Abgleichs sind")),
    ]
    assert len(quoted) > 35
    parts = [part.strip(" .„“") for words in quoted for part in words.split("…")]
    assert [part for part in parts if part and part not in told] == []


def test_every_warning_of_a_task_stands_with_its_advice():
    def bare(words: str) -> str:
        return re.sub(r"(… ?)+", "… ", words).rstrip(". ")

    warnings = warnings_of_the_program()
    assert len(warnings) >= 14
    assert [code for code, words in warnings.items() if not words] == []
    cells = first_cells(section(HANDBOOK, "Meldungen, die keine Fehler eines Abgleichs sind"))
    told = {bare(cell) for cell in cells}
    texts = {words for several in warnings.values() for words in several}
    assert {words for words in texts if bare(words) not in told} == set()


@pytest.mark.parametrize("name", (*PAGES, "fehlermeldungen.md"))
def test_links_and_pictures_lead_somewhere(name):
    for target in re.findall(r"\]\(([^)]+)\)", page(name)):
        file, _, anchor = target.partition("#")
        assert not file or (DOCS / file).is_file(), target
        if anchor:
            assert anchor in {heading.anchor for heading in headings(page(file or name))}, target


def test_pictures_are_small_and_each_is_shown():
    pictures = {file.name for file in (DOCS / "images").glob("*.png")}
    assert {picture.file for picture in FOR_DOCS} == pictures
    shown = "\n".join(file.read_text(encoding="utf-8") for file in DOCS.rglob("*.md"))
    readme = (DOCS.parent / "README.md").read_text(encoding="utf-8")
    for name in pictures:
        assert (DOCS / "images" / name).stat().st_size <= LARGEST_FOR_DOCS
        assert f"images/{name}" in shown + readme


@pytest.mark.parametrize("name", (*PAGES, "fehlermeldungen.md"))
def test_quotation_marks_are_german(name):
    text = re.sub(r"`[^`]*`", "", page(name))
    assert '"' not in text
    assert text.count("„") == text.count("“")
