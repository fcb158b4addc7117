"""A page of the help as a document of Qt: its Markdown, with the window's look.

Qt reads the Markdown; what it then leaves plain (headings, tables, code) or gets wrong (numbers of
lists, sizes of pictures) is set here. A document is made for one theme, font and width; for
another one it is made anew, which takes a few hundredths of a second.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from PyQt5.QtCore import QObject, Qt, QUrl
from PyQt5.QtGui import (
    QBrush,
    QFont,
    QFontDatabase,
    QFontMetricsF,
    QImage,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextFrameFormat,
    QTextImageFormat,
    QTextLength,
    QTextTable,
)

from sync_gui.help_columns import Column, column_shares
from sync_gui.help_files import HelpPage
from sync_gui.help_pages import destination, for_qt, list_numbers
from sync_gui.style import colour

_DIALECT = QTextDocument.MarkdownFeature.MarkdownDialectGitHub
_HEADING_SIZES = {1: 1.8, 2: 1.4, 3: 1.15}
_LINE_HEIGHT = 130.0
_LINE_HEIGHT_IN_TABLES = 115.0
_Range = tuple[int, int, QTextCharFormat]


@dataclass(frozen=True)
class Sheet:
    """What a page is written on: logical pixels, and device pixels for each of them."""

    font: QFont
    width: int
    ratio: float


def plain_text(page: HelpPage) -> str:
    """What can be read on a page; letters have the positions that they have in its document."""
    document = QTextDocument()
    document.setMarkdown(for_qt(page.text), _DIALECT)
    return document.toPlainText()


class PageDocument(QTextDocument):
    """``page`` laid out for ``sheet``; shows its own pictures and loads nothing else.

    Attributes: ``sheet``.
    """

    def __init__(self, page: HelpPage, sheet: Sheet, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._page = page
        self.sheet = sheet
        self._em = QFontMetricsF(sheet.font).height()
        self.setUndoRedoEnabled(False)
        self.setDefaultFont(sheet.font)
        self.setDocumentMargin(self._em)
        self.setMarkdown(for_qt(page.text), _DIALECT)
        whole = QTextCursor(self)
        whole.beginEditBlock()  # one change, or Qt would follow each of thousands
        self._continue_lists()
        for start, end, look in list(self._ranges()):
            self._dress_words(start, end, look)
        for block in self.blocks():
            self._dress_block(block)
        for table in self._tables():
            self._dress_table(table)
        whole.endEditBlock()

    def loadResource(self, kind: int, name: QUrl) -> QImage | None:
        """A picture in as many device pixels as it takes; anything else is not loaded."""
        picture = self._page.pictures.get(name.path())
        if kind != QTextDocument.ResourceType.ImageResource or picture is None:
            return None
        width = round(self._shown_width(picture) * self.sheet.ratio)
        # Qt would leave out lines of pixels where it makes a picture smaller.
        return picture.scaledToWidth(width, Qt.TransformationMode.SmoothTransformation)

    def blocks(self) -> Iterator[QTextBlock]:
        """All blocks, those of tables included."""
        block = self.begin()
        while block.isValid():
            yield block
            block = block.next()

    def heading_blocks(self) -> list[QTextBlock]:
        """The blocks of the headings, in their order."""
        return [block for block in self.blocks() if block.blockFormat().headingLevel()]

    def _shown_width(self, picture: QImage) -> int:
        return max(1, min(picture.width(), round(self.sheet.width - 2 * self._em)))

    def _continue_lists(self) -> None:
        numbers = iter(list_numbers(self._page.text))
        last = None
        for block in self.blocks():
            own = block.textList()
            if own is None or own.format().style() != own.format().Style.ListDecimal:
                continue
            number = next(numbers, 1)
            if last is not None and own is not last and number == last.count() + 1:
                last.add(block)
            else:
                last = own

    def _ranges(self) -> Iterator[_Range]:
        for block in self.blocks():
            pieces = block.begin()
            while not pieces.atEnd():
                piece = pieces.fragment()
                yield piece.position(), piece.position() + piece.length(), piece.charFormat()
                pieces += 1  # type: ignore[assignment, operator]  # not in the stubs

    def _dress_words(self, start: int, end: int, look: QTextCharFormat) -> None:
        cursor = self._chosen(start, end)
        if look.isImageFormat():
            self._dress_picture(cursor, look.toImageFormat())
        elif look.isAnchor():
            self._dress_link(cursor, look)
        elif look.fontFixedPitch():
            code = QTextCharFormat()
            fixed = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
            code.setFontFamily(fixed.family())
            code.setFontPointSize(self.sheet.font.pointSizeF() * 0.95)
            code.setBackground(QBrush(colour("hover")))
            cursor.mergeCharFormat(code)

    def _dress_picture(self, cursor: QTextCursor, look: QTextImageFormat) -> None:
        picture = self._page.pictures[look.name()]
        width = self._shown_width(picture)
        look.setWidth(width)
        look.setHeight(picture.height() * width / picture.width())
        cursor.setCharFormat(look)

    def _dress_link(self, cursor: QTextCursor, look: QTextCharFormat) -> None:
        if destination(self._page.name, look.anchorHref()) is None:
            for property_id in (
                QTextFormat.Property.IsAnchor,
                QTextFormat.Property.AnchorHref,
                QTextFormat.Property.ForegroundBrush,
                QTextFormat.Property.TextUnderlineStyle,
                QTextFormat.Property.FontUnderline,
            ):
                look.clearProperty(property_id)
        else:
            look.setForeground(QBrush(colour("accent")))
            look.setFontUnderline(True)
        cursor.setCharFormat(look)

    def _dress_block(self, block: QTextBlock) -> None:
        form = block.blockFormat()
        level = form.headingLevel()
        cursor = self._chosen(block.position(), block.position() + block.length() - 1)
        in_table = cursor.currentTable() is not None
        form.setTopMargin(0)
        form.setBottomMargin(0 if in_table else self._em * 0.7)
        if level:
            self._dress_heading(cursor, form, level)
        elif block.textList() is not None:
            form.setBottomMargin(self._em * 0.3)
        if "\ufffc" in block.text():
            form.setTopMargin(self._em * 0.3)
            form.setBottomMargin(self._em)
        else:
            height = _LINE_HEIGHT_IN_TABLES if in_table else _LINE_HEIGHT
            form.setLineHeight(height, form.LineHeightTypes.ProportionalHeight)
        cursor.setBlockFormat(form)

    def _dress_heading(self, cursor: QTextCursor, form: QTextBlockFormat, level: int) -> None:
        times = _HEADING_SIZES.get(level, 1.0)
        form.setTopMargin(self._em * (times if level > 1 else 0))
        form.setBottomMargin(self._em * 0.5)
        look = cursor.charFormat()
        # Qt's own adjustment would count more than the size. A heading has one look throughout.
        look.clearProperty(QTextFormat.Property.FontSizeAdjustment)
        look.setFontWeight(QFont.Weight.DemiBold)
        look.setFontPointSize(self.sheet.font.pointSizeF() * times)
        cursor.setCharFormat(look)

    def _tables(self) -> list[QTextTable]:
        root = self.rootFrame()
        frames = root.childFrames() if root is not None else []
        return [frame for frame in frames if isinstance(frame, QTextTable)]

    def _dress_table(self, table: QTextTable) -> None:
        form = table.format()
        form.setWidth(QTextLength(QTextLength.Type.PercentageLength, 100))
        form.setBorder(1)
        form.setBorderBrush(QBrush(colour("line")))
        form.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
        form.setBorderCollapse(True)
        form.setCellSpacing(0)
        form.setCellPadding(self._em * 0.3)
        form.setBottomMargin(self._em)
        form.setTopMargin(self._em * 0.3)
        form.setColumnWidthConstraints(
            [
                QTextLength(QTextLength.Type.PercentageLength, share)
                for share in column_shares(self._columns(table), self.sheet.width - 2 * self._em)
            ]
        )
        table.setFormat(form)
        for column in range(table.columns()):
            cell = table.cellAt(0, column)
            head = cell.format()
            head.setBackground(QBrush(colour("hover")))
            cell.setFormat(head)

    def _columns(self, table: QTextTable) -> list[Column]:
        columns = []
        for column in range(table.columns()):
            least = most = 0.0
            for row in range(table.rows()):
                block = table.cellAt(row, column).firstCursorPosition().block()
                metrics = self._metrics(block)
                most = max(most, metrics.horizontalAdvance(block.text()))
                least = max([least, *map(metrics.horizontalAdvance, block.text().split())])
            columns.append(Column(least + self._em, most + self._em))
        return columns

    def _metrics(self, block: QTextBlock) -> QFontMetricsF:
        font = QFont(self.sheet.font)
        font.setWeight(block.begin().fragment().charFormat().fontWeight())
        return QFontMetricsF(font)

    def _chosen(self, start: int, end: int) -> QTextCursor:
        cursor = QTextCursor(self)
        cursor.setPosition(start)
        cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        return cursor
