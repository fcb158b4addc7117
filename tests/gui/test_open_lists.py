"""A list that opens from a box shows all of its entries at once."""

from __future__ import annotations

from PyQt5.QtWidgets import QComboBox, QStyledItemDelegate

from sync_gui.style import apply_style


def test_no_entry_of_a_short_list_has_to_be_scrolled_to(qapp, qtbot):
    apply_style(qapp)
    box = QComboBox()
    box.setItemDelegate(QStyledItemDelegate(box))
    box.addItems(["in Ordnung", "langsam", "antwortet nicht", "nicht erreichbar", "Fehler", "halb"])
    qtbot.addWidget(box)
    with qtbot.waitExposed(box):
        box.show()
    qapp.processEvents()
    box.showPopup()
    view = box.view()
    assert view is not None
    qtbot.waitUntil(view.isVisible)
    qapp.processEvents()  # the arrows for scrolling come after the list
    bar, area = view.verticalScrollBar(), view.viewport()
    assert bar is not None
    assert area is not None
    assert bar.maximum() == bar.minimum()
    assert area.height() >= box.count() * view.sizeHintForRow(0)
    box.hidePopup()
