"""A window manager that only says of each window whether it is shown: ``python … DISPLAY``.

Without one, Wine waits two seconds in vain before it hides a window, which no desktop makes it do.
It prints a line once it manages, and runs until it is ended.
"""

from __future__ import annotations

import ctypes
import sys

_SUBSTRUCTURE_NOTIFY = 1 << 19
_UNMAP_NOTIFY, _MAP_NOTIFY = 18, 19
_WITHDRAWN, _NORMAL = 0, 1
_FORMAT = 32

_Window = ctypes.c_ulong


class _Event(ctypes.Structure):
    """XMapEvent and XUnmapEvent as far as the window, padded to an XEvent."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("serial", ctypes.c_ulong),
        ("send_event", ctypes.c_int),
        ("display", ctypes.c_void_p),
        ("parent", _Window),
        ("window", _Window),
        ("padding", ctypes.c_long * 18),
    )


def manage(name: str) -> None:
    """Note the state of every window of the display ``name`` as long as that is there."""
    x = ctypes.CDLL("libX11.so.6")
    x.XOpenDisplay.restype = ctypes.c_void_p
    x.XDefaultRootWindow.restype = _Window
    x.XInternAtom.restype = ctypes.c_ulong
    # A window may be gone before its state is noted; Xlib would end the process for that.
    handler = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)(lambda *_: 0)
    x.XSetErrorHandler(handler)
    display = ctypes.c_void_p(x.XOpenDisplay(name.encode()))
    if not display:
        sys.exit(f"no display {name}")
    state = ctypes.c_ulong(x.XInternAtom(display, b"WM_STATE", 0))
    root = _Window(x.XDefaultRootWindow(display))
    x.XSelectInput(display, root, ctypes.c_long(_SUBSTRUCTURE_NOTIFY))
    x.XSync(display, 0)
    print("managing", flush=True)
    event = _Event()
    while True:
        x.XNextEvent(display, ctypes.byref(event))
        if event.type in (_MAP_NOTIFY, _UNMAP_NOTIFY):
            now = _NORMAL if event.type == _MAP_NOTIFY else _WITHDRAWN
            value = (ctypes.c_long * 2)(now, 0)
            x.XChangeProperty(
                *(display, _Window(event.window), state, state, _FORMAT, 0),
                *(ctypes.byref(value), len(value)),
            )
            x.XFlush(display)


if __name__ == "__main__":
    manage(sys.argv[1])
