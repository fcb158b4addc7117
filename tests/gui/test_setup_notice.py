"""What a window without configuration says, and where it leads."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PyQt5.QtWidgets import QDialog, QLineEdit, QPushButton

from screenshots.stage import Stage, opened_unconfigured
from sync_core.errors import SettingsError
from sync_core.needed_addresses import LABELS
from sync_gui.arrangement import Arrangement
from sync_gui.settings_dialog.dialog import SettingsDialog
from sync_gui.setup_notice import SetupNotice
from sync_gui.setup_words import not_set_up, setup_words, setup_words_after
from tests.gui.test_accessibility import controls, mnemonics, reached_by_keyboard, twice
from tests.gui.test_main_window import texts

CALLDOC = ("calldoc.base_url", "calldoc.patient_url")


@pytest.mark.parametrize(
    ("missing", "matter", "setting"),
    [
        (tuple(LABELS), "Für CallDoc und SQLHK fehlen Adressen.", "calldoc.base_url"),
        (("calldoc.base_url",), "Für CallDoc fehlt eine Adresse.", "calldoc.base_url"),
        (("sqlhk.url", "gateway.url"), "Für SQLHK fehlt eine Adresse.", "sqlhk.url"),
        (
            ("calldoc.patient_url", "gateway.url"),
            "Für CallDoc fehlt eine Adresse.",
            "calldoc.patient_url",
        ),
    ],
)
def test_what_is_needed_for_anything_at_all_is_named(missing, matter, setting):
    words = setup_words(missing)
    assert (words.matter, words.setting) == (matter, setting)
    until = "eingetragen sind" if "Adressen" in matter else "eingetragen ist"
    assert words.effect == f"Bis sie {until}, ist kein Abgleich möglich."


@pytest.mark.parametrize(
    "missing", [(), ("gateway.url",), ("sqlhk.url",), ("calldoc.patient_url", "sqlhk.url")]
)
def test_who_needs_only_one_of_the_two_syncs_is_not_bothered(missing):
    assert setup_words(missing) is None
    assert setup_words_after(missing).icon == "ok"


def test_each_system_says_what_it_lacks():
    told = not_set_up(tuple(LABELS))
    assert list(told) == ["calldoc", "sqlhk", "gateway"]
    assert told["calldoc"].meaning.startswith(
        "Es fehlen: Adresse der Termine und Adresse der Patientensuche."
    )
    assert told["sqlhk"].meaning.startswith("Es fehlt: Adresse der Datenbank.")
    assert "Nur der Tagesabgleich" in told["gateway"].meaning
    assert told["gateway"].message == "not configured: gateway.url"


@pytest.fixture
def stage(qapp, tmp_path) -> Iterator[Stage]:
    with opened_unconfigured(qapp, tmp_path) as opened:
        yield opened


def test_the_first_start_greets_and_leads_to_calldoc(stage, tmp_path):
    health = stage.window.strip.health
    stage.wait(lambda: health["journal"].text() == "Journal erreichbar", "the first check")
    assert [(name, light.text()) for name, light in health.items()] == [
        ("calldoc", "CallDoc nicht eingestellt"),
        ("sqlhk", "SQLHK nicht eingestellt"),
        ("gateway", "Gateway nicht eingestellt"),
        ("journal", "Journal erreichbar"),
    ]
    assert stage.window.strip.api.text().startswith("API läuft auf ")
    notice = stage.window.notice
    assert notice.isVisible()
    assert "Noch nicht eingerichtet" in texts(notice)
    assert stage.ask("GET", "/health/ready")["checks"].keys() == {"journal"}

    notice.button.click()
    stage.wait(stage.dialogs, "the settings")
    (dialog,) = stage.dialogs()
    assert isinstance(dialog, SettingsDialog)
    assert dialog.list.currentItem().text() == "CallDoc"
    rows = {name: row for page in dialog.pages for name, row in page.rows.items()}
    assert dialog.focusWidget() is rows["calldoc.base_url"].editor.field
    for name, value in (
        ("calldoc.base_url", "http://127.0.0.1:9/frontend"),
        ("calldoc.patient_url", "http://127.0.0.1:9/patients"),
    ):
        field = rows[name].editor.field
        assert isinstance(field, QLineEdit)
        field.setText(value)
    dialog.save.click()
    stage.wait(lambda: "Für SQLHK fehlt eine Adresse." in texts(notice), "the new words")
    assert "calldoc" in (tmp_path / "sync_gui.toml").read_text(encoding="utf-8")

    notice.button.click()
    stage.wait(stage.dialogs, "the settings")
    (dialog,) = stage.dialogs()
    assert dialog.list.currentItem().text() == "SQLHK-Datenbank"
    rows = {name: row for page in dialog.pages for name, row in page.rows.items()}
    rows["sqlhk.url"].editor.field.setText(f"sqlite:///{tmp_path / 'sqlhk.sqlite'}")
    dialog.save.click()
    stage.wait(lambda: "Einstellungen gespeichert" in texts(notice), "the last words")
    assert not notice.button.isVisible()
    assert stage.window.strip.health["sqlhk"].text() == "SQLHK nicht eingestellt"  # until then


def test_the_notice_is_reached_by_keyboard_with_a_letter_of_its_own(stage):
    button = stage.window.notice.button
    assert button in controls(stage.window)
    assert reached_by_keyboard(button)
    assert "i" in mnemonics(stage.window)
    for frame in stage.window.panels.frames:
        stage.window.panels.show_panel(frame)
        stage.settle(0.1)
        assert (frame.spec.id, twice(stage.window)) == (frame.spec.id, [])


def test_a_preview_says_what_is_missing_in_german(stage):
    stage.find(QLineEdit, "PIZ").setText("1234567")
    stage.find(QPushButton, "Vorschau").click()
    told = "Es fehlen die Einstellungen „Adresse der Termine“ (calldoc.base_url), „Adresse der "
    stage.wait(lambda: told in texts(stage.window).replace("\n", " "), "the refusal")
    assert "Not configured" not in texts(stage.window)


def test_a_file_that_is_being_edited_changes_no_words(qtbot, bridge):
    asked: list[str] = []

    def broken() -> tuple[str, ...]:
        asked.append("read")
        raise SettingsError("line 3: not TOML")

    words = setup_words(CALLDOC)
    notice = SetupNotice(words, broken, bridge)
    qtbot.addWidget(notice)
    done: list[None] = []
    notice.settings_saved()
    qtbot.waitUntil(lambda: asked == ["read"])
    bridge.in_background(lambda: None, done.append)
    qtbot.waitUntil(lambda: done == [None])
    assert notice.words == words


def test_the_notice_takes_the_lines_it_needs(qtbot, open_window):
    window = open_window(missing=tuple(LABELS))
    notice = window.notice
    shown = (notice._matter, notice._effect, notice.button)
    for width, lines in ((1600, 1), (window.minimumWidth(), 3)):
        window.resize(width, 600)
        qtbot.waitUntil(
            lambda lines=lines: (
                len({one.geometry().center().y() // 12 for one in shown}) <= lines
                and all(one.geometry().bottom() < notice._whole.height() for one in shown)
                and all(one.width() >= one.sizeHint().width() for one in shown)
            )
        )


def test_it_is_there_whatever_the_last_run_remembered(qtbot, open_window, tmp_path):
    first = open_window(arrangement=Arrangement(tmp_path / "a.ini"))
    assert first.notice is None
    first.close()
    second = open_window(arrangement=Arrangement(tmp_path / "a.ini"), missing=CALLDOC)
    assert isinstance(second.notice, SetupNotice)
    assert second.notice.isVisible()
    second.close()
    third = open_window(arrangement=Arrangement(tmp_path / "a.ini"))
    assert third.findChild(SetupNotice) is None
    assert not [one for one in third.findChildren(QDialog) if one.isVisible()]
