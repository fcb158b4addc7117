"""The settings dialog with a real file behind it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from marshmallow import Schema, ValidationError, fields, validate, validates_schema
from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import (
    QApplication,
    QLineEdit,
    QMessageBox,
    QPushButton,
    QStyleOptionViewItem,
)

from plugins.single_patient.plugin import SinglePatientSettings
from sync_core.key_store import KeyStoreError, KeyStoreInMemory, sqlhk_entry
from sync_core.settings import SECTIONS, TypeRule, declared_settings
from sync_core.settings_loader import load_settings
from sync_core.settings_place import Origin, SettingsPlace
from sync_gui.bridge import QtBridge
from sync_gui.settings_dialog.access import SettingsAccess
from sync_gui.settings_dialog.dialog import SettingsDialog
from sync_gui.settings_dialog.password_dialog import PasswordDialog
from sync_gui.settings_dialog.plugin_entries import plugin_page
from sync_gui.settings_dialog.rules_editor import rules_for_file
from sync_gui.settings_dialog.words import GENERAL, LABELS, PAGES
from sync_gui.style import apply_style

FILE = """\
# The practice's file
[calldoc]
base_url = "https://calldoc.example/frontend"  # by IT

[sqlhk]
url = "mssql+pyodbc://sync@server/SQLHK"

[api]
port = 8000
key = "key-of-the-file"

[mapping.rules.26]
zuweiser_id = 4
"""


class House:
    """A dialog and what it edits."""

    def __init__(self, dialog: SettingsDialog, file: Path, store: KeyStoreInMemory) -> None:
        self.dialog = dialog
        self.file = file
        self.store = store
        self.rows = {name: row for page in dialog.pages for name, row in page.rows.items()}

    def line(self, name: str) -> QLineEdit:
        field = self.rows[name].editor.field
        assert isinstance(field, QLineEdit)
        return field

    def problem(self, name: str) -> str:
        label = self.rows[name].problem
        return label.text() if not label.isHidden() else ""


@pytest.fixture
def open_dialog(
    qtbot, qapp: QApplication, bridge: QtBridge, tmp_path: Path
) -> Iterator[Callable[..., House]]:
    apply_style(qapp)
    file = tmp_path / "sync_gui.toml"

    def open_one(
        text: str | None = FILE,
        *,
        fixed: Mapping[str, Origin] | None = None,
        schemas: Mapping[str, type[Schema]] | None = None,
        keeps: bool = True,
        store: KeyStoreInMemory | None = None,
    ) -> House:
        if text is not None:
            file.write_text(text, encoding="utf-8")
        place = SettingsPlace(file if keeps else None, fixed or {})
        known = {"single_patient": SinglePatientSettings} if schemas is None else schemas
        keys = store or KeyStoreInMemory()
        access = SettingsAccess(place, lambda: known, {"single_patient": "Einzelner Patient"}, keys)
        dialog = SettingsDialog(access, place.read(), bridge)
        qtbot.addWidget(dialog)
        dialog.show()
        return House(dialog, file, keys)

    yield open_one
    qapp.processEvents()


def save(qtbot, house: House) -> None:
    with qtbot.waitSignal(house.dialog.saved):
        house.dialog.save.click()


# --- what is shown --------------------------------------------------------------------------------


def test_every_declared_setting_has_german_words():
    names = {one.name for one in declared_settings()}
    assert set(LABELS) == names
    assert set(PAGES) == {*SECTIONS, GENERAL}
    for label, explanation in LABELS.values():
        assert label
        assert explanation.endswith(".")


def test_every_setting_of_host_and_plugins_is_there(open_dialog):
    house = open_dialog()
    declared = {one.name for one in declared_settings()}
    plugin = {"plugins.single_patient.query_timeout", "plugins.single_patient.login_timeout"}
    assert set(house.rows) == declared | plugin
    titles = [house.dialog.list.item(row).text() for row in range(house.dialog.list.count())]
    assert titles == [*PAGES.values(), "Einzelner Patient"]
    assert house.line("api.port").text() == "8000"
    assert house.line("calldoc.read_timeout").text() == "20"
    assert house.line("plugins.single_patient.query_timeout").text() == "15"


def test_one_section_is_shown_at_a_time_and_the_search_finds_all(open_dialog, qtbot):
    house = open_dialog()
    dialog = house.dialog
    dialog.list.setCurrentRow(1)
    assert [page.page.key for page in dialog.pages if page.isVisible()] == ["sqlhk"]
    qtbot.keyClicks(dialog.search, "Aufbewahrung")
    shown = [row.entry.name for row in house.rows.values() if row.isVisible()]
    assert shown == ["tasks.retention_days", "receipts.retention_days"]
    dialog.search.setText("no such thing")
    assert not any(row.isVisible() for row in house.rows.values())
    dialog.search.clear()
    assert [page.page.key for page in dialog.pages if page.isVisible()] == ["sqlhk"]


@pytest.mark.parametrize("ems", [0, 40, 72, 110], ids=["least", "narrow", "usual", "wide"])
def test_nobody_scrolls_sideways_and_explanations_take_the_whole_width(open_dialog, qtbot, ems):
    house = open_dialog()
    dialog = house.dialog
    em = dialog.fontMetrics().height()
    dialog.resize(max(em * ems, dialog.minimumWidth()), max(em * 40, dialog.minimumHeight()))
    for number, page in enumerate(dialog.pages):
        dialog.list.setCurrentRow(number)
        qtbot.waitUntil(page.isVisible)
        area = dialog._area
        assert area.horizontalScrollBar().maximum() == 0
        assert not area.horizontalScrollBar().isVisible()
        qtbot.waitUntil(lambda area=area: area.widget().width() == area.viewport().width())
        for row in page.rows.values():
            room = row.width()
            assert room >= page.width() - 1
            assert row._hint.width() >= room - 1 or not row._hint.text()
            right = row._reset.mapTo(row, row._reset.rect().topRight()).x()
            assert right < room
    assert dialog.list.width() < dialog.width() * 0.4


def test_the_first_size_is_wide_and_fits_on_the_screen(open_dialog):
    dialog = open_dialog().dialog
    em = dialog.fontMetrics().height()
    screen = QApplication.primaryScreen().availableSize()
    assert dialog.width() >= min(70 * em, round(screen.width() * 0.9))
    assert dialog.width() <= screen.width()
    assert dialog.height() <= screen.height()
    assert dialog.minimumWidth() <= dialog.width()


def test_enter_in_a_field_saves_nothing_yet(open_dialog, qtbot):
    house = open_dialog()
    house.line("api.port").setText("8001")
    assert house.dialog.save.isEnabled()
    before = house.file.read_bytes()
    for field in (house.dialog.search, house.line("api.port")):
        qtbot.keyClick(field, Qt.Key.Key_Return)
    assert house.dialog.isVisible()
    assert house.dialog.save.isEnabled()  # nothing is on its way to the file
    assert house.file.read_bytes() == before


def test_the_way_back_to_the_default_is_offered_only_where_there_is_one(open_dialog):
    house = open_dialog()
    port, workers = house.rows["api.port"], house.rows["tasks.workers"]
    assert (port._reset.isHidden(), workers._reset.isHidden()) == (False, True)
    port._reset.click()
    assert house.line("api.port").text() == "5555"
    assert port._reset.isHidden()
    house.line("api.port").setText("8000")
    assert not port._reset.isHidden()


def test_names_of_sections_stand_at_the_edge_with_and_without_a_mark(open_dialog):
    house = open_dialog()
    sections = house.dialog.list
    assert all(sections.item(row).icon().isNull() for row in range(sections.count()))
    house.line("api.port").setText("99999999")
    (marked,) = (row for row in range(sections.count()) if not sections.item(row).icon().isNull())
    assert sections.item(marked).text() == "Schnittstelle (API)"
    option = QStyleOptionViewItem()
    sections.itemDelegate().initStyleOption(option, sections.model().index(marked, 0))
    assert option.decorationPosition == QStyleOptionViewItem.Right


def test_nothing_can_be_saved_before_something_was_changed(open_dialog):
    house = open_dialog()
    assert not house.dialog.save.isEnabled()
    assert house.dialog.summary.text() == "Keine Änderungen."


# --- editing --------------------------------------------------------------------------------------


def test_what_is_changed_is_written_and_nothing_else(open_dialog, qtbot):
    house = open_dialog()
    house.line("calldoc.connect_timeout").setText("2,5")
    house.line("api.port").setText("9000")
    house.rows["plugins.disabled"].editor.lines.setPlainText("one\n\n two ")
    house.rows["log.level"].editor.box.setCurrentIndex(0)
    house.line("plugins.single_patient.query_timeout").setText("7")
    assert house.dialog.summary.text().startswith("5 Änderungen. Sie gelten ab dem nächsten Start")
    save(qtbot, house)
    text = house.file.read_text(encoding="utf-8")
    assert text.startswith("# The practice's file\n[calldoc]\n")
    assert 'base_url = "https://calldoc.example/frontend"  # by IT\n' in text
    loaded = load_settings(house.file, {})
    assert loaded.calldoc.connect_timeout == 2.5
    assert loaded.api.port == 9000
    assert loaded.plugins.disabled == ("one", "two")
    assert loaded.log.level == "DEBUG"
    assert loaded.plugin_sections == {"single_patient": {"query_timeout": 7}}
    assert loaded.tasks == load_settings(None, {}).tasks
    assert "workers" not in text
    assert not house.dialog.isVisible()


def test_without_a_file_one_is_made(open_dialog, qtbot):
    house = open_dialog(None)
    house.line("api.port").setText("0")
    save(qtbot, house)
    assert house.file.read_text(encoding="utf-8") == "[api]\nport = 0\n"


def test_wrong_text_stays_is_marked_with_its_reason_and_cannot_be_saved(open_dialog, qtbot):
    house = open_dialog()
    line = house.line("api.port")
    line.clear()
    qtbot.keyClicks(line, "80x")
    assert line.text() == "80x"
    assert house.problem("api.port") == (
        "Bitte eine ganze Zahl von 0 bis 65535 eingeben. Standard: 5555"
    )
    assert line.property("invalid") is True
    assert not house.dialog.save.isEnabled()
    assert house.dialog.summary.text() == "Noch nicht richtig: „Port“."
    line.setText("8001")
    assert house.problem("api.port") == ""
    assert line.property("invalid") is False
    assert house.dialog.save.isEnabled()


WRONG = [
    ("api.port", "65536", "ganze Zahl von 0 bis 65535"),
    ("api.port", "1.5", "ganze Zahl"),
    ("api.port", "", "Standard: 5555"),
    ("api.port", "٣", "ganze Zahl"),
    ("calldoc.read_timeout", "0,05", "Zahl von 0,1 bis 60"),
    ("calldoc.read_timeout", "nan", "Zahl von 0,1 bis 60"),
    ("calldoc.read_timeout", "1e1", "Zahl von 0,1 bis 60"),
    ("calldoc.base_url", "ftp://x", "http://"),
    ("gateway.url", "host", "http://"),
    ("sqlhk.url", "http://x", "SQLAlchemy"),
    ("api.key", "with blank", "Leerzeichen"),
    ("mapping.drgid", "-1", "ganze Zahl ab 0"),
    ("plugins.single_patient.query_timeout", "0", "ganze Zahl von 1 bis 60"),
]


def test_reasons_are_german_and_say_what_is_allowed(open_dialog):
    house = open_dialog()
    for name, text, problem in WRONG:
        house.line(name).setText(text)
        assert problem in house.problem(name), (name, text)
        assert house.line(name).text() == text


def test_an_empty_field_takes_a_setting_out(open_dialog, qtbot):
    house = open_dialog()
    house.line("calldoc.base_url").clear()
    save(qtbot, house)
    assert load_settings(house.file, {}).calldoc.base_url is None
    assert "base_url" not in house.file.read_text(encoding="utf-8")


def test_the_default_comes_back_and_is_not_written(open_dialog, qtbot):
    house = open_dialog()
    house.rows["api.port"].reset()
    assert house.line("api.port").text() == "5555"
    save(qtbot, house)
    assert "port" not in house.file.read_text(encoding="utf-8")


def test_secrets_are_hidden_until_asked_for(open_dialog):
    house = open_dialog(FILE.replace("sync@", "sync:pw@"))
    for name in ("api.key", "sqlhk.url"):
        assert house.line(name).echoMode() == QLineEdit.EchoMode.Password
        house.rows[name].editor.show_it.trigger()
        assert house.line(name).echoMode() == QLineEdit.EchoMode.Normal
    plain = open_dialog()
    assert plain.line("sqlhk.url").echoMode() == QLineEdit.EchoMode.Normal


def test_other_computers_need_a_key(open_dialog):
    house = open_dialog(FILE.replace('key = "key-of-the-file"\n', ""))
    house.line("api.host").setText("0.0.0.0")
    assert "Schlüssel" in house.problem("api.host")
    house.line("api.key").setText("a-key")
    assert house.problem("api.host") == ""
    house.line("api.key").clear()
    house.rows["api.key_source"].editor.box.setCurrentIndex(1)
    assert house.problem("api.host") == ""


def test_what_comes_from_elsewhere_is_shown_and_cannot_be_edited(open_dialog, qtbot):
    fixed = {
        "api.port": Origin("SYNC_GUI_API__PORT", 7),
        "plugins.disabled": Origin("SYNC_GUI_PLUGINS__DISABLED", ("x",)),
        "plugins.single_patient.query_timeout": Origin("SYNC_GUI_PLUGINS__S__QUERY_TIMEOUT", "9"),
    }
    house = open_dialog(fixed=fixed)
    assert house.line("api.port").text() == "7"
    assert not house.line("api.port").isEnabled()
    assert house.rows["plugins.disabled"].editor.lines.toPlainText() == "x"
    assert "SYNC_GUI_API__PORT" in house.rows["api.port"]._hint.text()
    house.line("tasks.workers").setText("2")
    save(qtbot, house)
    loaded = load_settings(house.file, {})
    assert (loaded.tasks.workers, loaded.api.port) == (2, 8000)


def test_the_rules_are_a_table(open_dialog, qtbot):
    house = open_dialog()
    editor = house.rows["mapping.rules"].editor
    table = editor.table
    rows = [[table.item(row, column).text() for column in range(3)] for row in range(2)]
    assert rows == [["25", "7", "2"], ["26", "4", ""]]
    editor.add.click()
    table.item(2, 0).setText("x")
    assert house.problem("mapping.rules").startswith("Bitte nur ganze Zahlen")
    table.item(2, 0).setText("26")
    assert house.problem("mapping.rules") == "Die Terminart 26 steht zweimal in der Tabelle."
    table.item(2, 0).setText("27")
    table.item(2, 2).setText("9")
    table.selectRow(1)
    editor.remove.click()
    save(qtbot, house)
    rules = load_settings(house.file, {}).mapping.rules
    assert rules == {25: TypeRule(7, 2), 27: TypeRule(herzkatheter_id=9)}
    assert "[mapping.rules.25]" not in house.file.read_text(encoding="utf-8")


def test_a_shipped_rule_that_is_not_wanted_is_switched_off():
    shipped = {"25": {"zuweiser_id": 7}}
    assert rules_for_file({}, shipped, {}) == {"25": {}}
    assert rules_for_file(shipped, shipped, {}) is None
    assert rules_for_file(shipped, shipped, {"25": {}}) == shipped
    assert rules_for_file({"25": {"zuweiser_id": 8}}, shipped, {}) == {"25": {"zuweiser_id": 8}}


# --- saving ---------------------------------------------------------------------------------------


def message(qtbot, house: House) -> QMessageBox:
    qtbot.waitUntil(lambda: bool(house.dialog.findChildren(QMessageBox)))
    return house.dialog.findChildren(QMessageBox)[-1]


def test_what_changed_on_the_disk_is_read_again_and_what_was_typed_stays(open_dialog, qtbot):
    house = open_dialog()
    house.line("api.port").setText("9000")
    house.file.write_text("[api]\nport = 1\nkey = 'k'\n[tasks]\nworkers = 3\n", encoding="utf-8")
    house.dialog.save.click()
    box = message(qtbot, house)
    assert "von anderer Seite geändert" in box.text()
    box.close()
    assert house.line("api.port").text() == "9000"
    assert house.line("tasks.workers").text() == "3"
    save(qtbot, house)
    loaded = load_settings(house.file, {})
    assert (loaded.api.port, loaded.tasks.workers) == (9000, 3)


def test_a_file_that_cannot_be_written_is_told(open_dialog, qtbot, tmp_path):
    house = open_dialog(None)
    house.line("api.port").setText("9000")
    house.file.mkdir()
    house.dialog.save.click()
    box = message(qtbot, house)
    assert "Es wurde nichts gespeichert" in box.text()
    assert house.dialog.isVisible()
    assert house.line("api.port").text() == "9000"
    box.close()


def test_the_demo_lets_try_but_saves_nothing(open_dialog):
    house = open_dialog(None, keeps=False)
    house.line("api.port").setText("9000")
    assert not house.dialog.save.isEnabled()
    house.line("api.port").setText("x")
    assert house.problem("api.port")


def test_leaving_asks_only_when_something_was_changed(open_dialog, qtbot):
    house = open_dialog()
    qtbot.keyClick(house.dialog, Qt.Key.Key_Escape)
    assert not house.dialog.isVisible()
    house = open_dialog()
    house.line("api.port").setText("x")
    house.dialog.cancel.click()
    box = message(qtbot, house)
    assert box.text() == "Änderungen verwerfen?"
    stay = next(button for button in box.buttons() if button.text() == "&Weiter bearbeiten")
    assert box.defaultButton() is stay
    stay.click()
    assert house.dialog.isVisible()
    assert house.line("api.port").text() == "x"
    house.dialog.cancel.click()
    box = [found for found in house.dialog.findChildren(QMessageBox) if found.isVisible()][-1]
    next(button for button in box.buttons() if button.text() == "&Verwerfen").click()
    assert not house.dialog.isVisible()
    assert house.file.read_text(encoding="utf-8") == FILE


# --- plugins --------------------------------------------------------------------------------------


class Rich(Schema):
    on = fields.Boolean(load_default=True, metadata={"label_de": "An"})
    mode = fields.String(load_default="a", validate=validate.OneOf(["a", "b"], ["Art A", "Art B"]))
    names = fields.List(fields.String(), load_default=list)
    table = fields.Dict(load_default=dict)
    word = fields.String(required=True)
    secret = fields.String(metadata={"secret": True})
    even = fields.Integer(load_default=2)

    @validates_schema
    def check(self, data: dict[str, Any], **_: Any) -> None:
        if data.get("even", 2) % 2:
            raise ValidationError("must be even", "even")


class Raising(Schema):
    word = fields.String(validate=lambda _value: 1 // 0)


class Unmakeable(Schema):
    def __init__(self) -> None:
        raise RuntimeError("no")


def test_a_plugins_schema_becomes_fields_of_its_kinds(open_dialog, qtbot):
    house = open_dialog(schemas={"rich.plugin": Rich})
    kinds = {row.entry.name.rpartition(".")[2]: row.entry.kind for row in house.rows.values()}
    assert [kinds[key] for key in ("on", "mode", "names", "table", "word", "secret", "even")] == [
        "boolean",
        "choice",
        "text_list",
        "toml",
        "text",
        "secret",
        "integer",
    ]
    name = "plugins.rich.plugin."
    house.line(f"{name}even").setText("3")
    house.line(f"{name}word").setText("w")
    assert (
        house.problem(f"{name}even") == "Die Erweiterung nimmt diesen Wert nicht an: must be even"
    )
    house.line(f"{name}even").setText("4")
    house.rows[f"{name}on"].editor.box.setCurrentIndex(1)
    house.rows[f"{name}mode"].editor.box.setCurrentText("Art B")
    assert house.line(f"{name}table").text() == "{}"
    house.line(f"{name}table").setText("{deep = {x = 1}}")
    save(qtbot, house)
    section = load_settings(house.file, {}).plugin_sections["rich.plugin"]
    assert section == {
        "even": 4,
        "word": "w",
        "on": False,
        "mode": "b",
        "table": {"deep": {"x": 1}},
    }


def test_a_plugin_that_lacks_a_setting_does_not_stop_others_changes(open_dialog):
    house = open_dialog(schemas={"rich": Rich})
    assert house.problem("plugins.rich.word") == "Bitte etwas eingeben."
    house.line("api.port").setText("9000")
    assert house.dialog.save.isEnabled()
    house.line("plugins.rich.even").setText("4")
    assert not house.dialog.save.isEnabled()


def test_a_plugins_faults_stay_its_own(open_dialog, caplog):
    with caplog.at_level(logging.ERROR):
        page = plugin_page("bad", "", Unmakeable)
        house = open_dialog(schemas={"raising": Raising, "bad": Unmakeable})
    assert page.note == "Die Einstellungen dieser Erweiterung lassen sich hier nicht zeigen."
    house.line("plugins.raising.word").setText("pass-word")
    assert house.problem("plugins.raising.word") == ""
    assert house.dialog.save.isEnabled()
    assert "pass-word" not in caplog.text


# --- SQLHK's password -----------------------------------------------------------------------------


def password_button(house: House) -> QPushButton:
    return house.rows["sqlhk.url"].findChildren(QPushButton)[0]


def open_password(house: House, qtbot) -> PasswordDialog:
    password_button(house).click()
    dialog = house.rows["sqlhk.url"].findChild(PasswordDialog)
    assert dialog is not None
    qtbot.waitUntil(dialog.password.isEnabled)
    return dialog


def test_the_password_goes_into_the_key_store_and_not_into_the_file(open_dialog, qtbot):
    house = open_dialog()
    dialog = open_password(house, qtbot)
    assert dialog.state.text() == "Im Schlüsselspeicher ist kein Passwort abgelegt."
    assert not dialog.forget.isEnabled()
    dialog.password.setText("pässword")
    dialog.keep.click()
    qtbot.waitUntil(lambda: house.store.read(sqlhk_entry("sync")) == "pässword")
    qtbot.waitUntil(dialog.forget.isEnabled)
    assert dialog.password.text() == ""
    dialog.forget.click()
    qtbot.waitUntil(lambda: house.store.read(sqlhk_entry("sync")) is None)
    qtbot.waitUntil(dialog.password.isEnabled)
    dialog.accept()
    assert house.file.read_text(encoding="utf-8") == FILE


def test_the_password_is_offered_only_for_a_login_without_one(open_dialog):
    house = open_dialog()
    assert password_button(house).isEnabled()
    for url in ("", "sqlite:///x", "mssql+pyodbc://server/DB", "mssql+pyodbc://a:b@server/DB"):
        house.line("sqlhk.url").setText(url)
        assert not password_button(house).isEnabled(), url


class NoStore(KeyStoreInMemory):
    def read(self, name: str) -> str | None:
        raise KeyStoreError("the key store cannot be used (NoKeyringError)")


def test_without_a_key_store_it_says_what_to_do_instead(open_dialog, qtbot):
    house = open_dialog(store=NoStore())
    dialog = open_password(house, qtbot)
    assert "Schlüsselspeicher des Systems ist nicht erreichbar" in dialog.state.text()
    assert "Umgebungsvariable" in dialog.state.text()
    dialog.reject()


# --- from the window ------------------------------------------------------------------------------


def test_the_menu_opens_the_settings(open_window, qtbot, tmp_path):
    file = tmp_path / "sync_gui.toml"
    place = SettingsPlace(file)
    window = open_window(settings=SettingsAccess(place, dict, {}, KeyStoreInMemory()))
    action(window, "&Einstellungen …").trigger()
    qtbot.waitUntil(lambda: window.findChild(SettingsDialog) is not None)
    dialog = window.findChild(SettingsDialog)
    rows = {name: row for page in dialog.pages for name, row in page.rows.items()}
    rows["api.port"].editor.line.setText("1")
    with qtbot.waitSignal(dialog.saved):
        dialog.save.click()
    assert load_settings(file, {}).api.port == 1


def test_a_broken_file_is_told_instead(open_window, qtbot, tmp_path):
    file = tmp_path / "sync_gui.toml"
    file.write_text("[api\n", encoding="utf-8")
    place = SettingsPlace(file)
    window = open_window(settings=SettingsAccess(place, dict, {}, KeyStoreInMemory()))
    action(window, "&Einstellungen …").trigger()
    qtbot.waitUntil(lambda: window.findChild(QMessageBox) is not None)
    box = window.findChild(QMessageBox)
    assert "nicht lesbar" in box.text()
    assert "line 1" in box.informativeText()
    box.close()


def action(window: Any, text: str) -> Any:
    from PyQt5.QtWidgets import QAction

    return next(found for found in window.findChildren(QAction) if found.text() == text)
