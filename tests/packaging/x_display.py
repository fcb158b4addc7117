"""A display that nobody sees, managed as on a desktop, and the user's click on a window's cross."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tests.end_to_end.program import until
from tests.packaging import window_manager

_CLIENT_MESSAGE = 33
_TITLE_LONGS = 20
_VIEWABLE = 2

_Window = ctypes.c_ulong


class _Message(ctypes.Structure):
    """XClientMessageEvent with five longs, padded to an XEvent."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("serial", ctypes.c_ulong),
        ("send_event", ctypes.c_int),
        ("display", ctypes.c_void_p),
        ("window", _Window),
        ("message_type", ctypes.c_ulong),
        ("format", ctypes.c_int),
        ("data", ctypes.c_long * 5),
        ("padding", ctypes.c_long * 24),
    )


class _Attributes(ctypes.Structure):
    """XWindowAttributes as far as the state, padded to its length."""

    _fields_ = (
        ("place", ctypes.c_int * 6),
        ("visual", ctypes.c_void_p),
        ("root", _Window),
        ("kinds", ctypes.c_int * 4),
        ("planes", ctypes.c_ulong * 2),
        ("save_under", ctypes.c_int),
        ("colours", ctypes.c_ulong),
        ("installed", ctypes.c_int),
        ("state", ctypes.c_int),
        ("padding", ctypes.c_long * 8),
    )


class Display:
    """An X server with a free number; ``name`` is what DISPLAY must be. To be closed."""

    def __init__(self) -> None:
        reader, writer = os.pipe()
        self._server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(writer), "-screen", "0", "1280x900x24", "-nolisten", "tcp"],
            pass_fds=(writer,),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(writer)
        with os.fdopen(reader) as told:
            number = told.readline().strip()
        assert number, "Xvfb did not start"
        self.name = f":{number}"
        self._manager = subprocess.Popen(
            [sys.executable, window_manager.__file__, self.name],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
        )
        assert self._manager.stdout is not None
        assert self._manager.stdout.readline() == b"managing\n"

    def close(self) -> None:
        """End the window manager and the server."""
        self._manager.kill()
        self._manager.communicate(timeout=10)
        self._server.terminate()
        self._server.wait(10)

    def titles(self) -> list[str]:
        """The titles of the windows that are shown."""
        with self._opened() as (x, display):
            return [title for _, title in _windows(x, display)]

    def wait_for(self, title: str, seconds: float) -> None:
        """Wait until a window whose title begins so is shown."""
        until(
            lambda: True if any(one.startswith(title) for one in self.titles()) else None,
            seconds,
            f"no window {title}, only {self.titles()}",
        )

    def close_window(self, title: str) -> None:
        """Ask the window whose title begins so to close, as a click on its cross does."""
        with self._opened() as (x, display):
            (window,) = {one for one, name in _windows(x, display) if name.startswith(title)}
            message = _Message(
                type=_CLIENT_MESSAGE,
                window=window,
                message_type=x.XInternAtom(display, b"WM_PROTOCOLS", 0),
                format=32,
            )
            message.data[0] = x.XInternAtom(display, b"WM_DELETE_WINDOW", 0)
            x.XSendEvent(display, window, 0, 0, ctypes.byref(message))
            x.XSync(display, 0)

    @contextmanager
    def _opened(self) -> Iterator[tuple[ctypes.CDLL, ctypes.c_void_p]]:
        x = ctypes.CDLL("libX11.so.6")
        x.XOpenDisplay.restype = ctypes.c_void_p
        x.XDefaultRootWindow.restype = _Window
        x.XInternAtom.restype = ctypes.c_ulong
        # A window may be gone before its title is read; Xlib would end the process for that.
        handler = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)(lambda *_: 0)
        x.XSetErrorHandler(handler)
        display = ctypes.c_void_p(x.XOpenDisplay(self.name.encode()))
        assert display, f"no display {self.name}"
        try:
            yield x, display
        finally:
            x.XCloseDisplay(display)


def _windows(x: ctypes.CDLL, display: ctypes.c_void_p) -> Iterator[tuple[int, str]]:
    root, parent, count = _Window(), _Window(), ctypes.c_uint()
    children = ctypes.POINTER(_Window)()
    x.XQueryTree(
        display,
        _Window(x.XDefaultRootWindow(display)),
        *(ctypes.byref(root), ctypes.byref(parent), ctypes.byref(children), ctypes.byref(count)),
    )
    found = [children[index] for index in range(count.value)]
    if children:
        x.XFree(children)
    for window in found:
        attributes = _Attributes()
        x.XGetWindowAttributes(display, _Window(window), ctypes.byref(attributes))
        if attributes.state != _VIEWABLE:
            continue
        title = _title(x, display, window)
        if title:
            yield window, title


def _title(x: ctypes.CDLL, display: ctypes.c_void_p, window: int) -> str:
    utf8 = x.XInternAtom(display, b"UTF8_STRING", 0)
    name = x.XInternAtom(display, b"_NET_WM_NAME", 0)
    kind, form = ctypes.c_ulong(), ctypes.c_int()
    length, rest = ctypes.c_ulong(), ctypes.c_ulong()
    text = ctypes.POINTER(ctypes.c_char)()
    x.XGetWindowProperty(
        *(display, _Window(window), ctypes.c_ulong(name), ctypes.c_long(0)),
        *(ctypes.c_long(_TITLE_LONGS), 0, ctypes.c_ulong(utf8)),
        *(ctypes.byref(kind), ctypes.byref(form), ctypes.byref(length), ctypes.byref(rest)),
        ctypes.byref(text),
    )
    if not text:
        return ""
    title = text[: length.value].decode(errors="replace")
    x.XFree(text)
    return str(title)
