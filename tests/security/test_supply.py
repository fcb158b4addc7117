"""What is installed is what was chosen."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
_NAME = re.compile(r"[A-Za-z0-9._-]+")


def canonical(requirement: str) -> str:
    match = _NAME.match(requirement)
    assert match is not None, requirement
    return re.sub(r"[-_.]+", "-", match[0]).lower()


def pinned() -> dict[str, list[str]]:
    """Names and their lines in the list of exact versions."""
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    found: dict[str, list[str]] = {}
    for line in lines:
        if line and not line.startswith("#"):
            found.setdefault(canonical(line), []).append(line)
    return found


def wanted() -> set[str]:
    """All that setup.py asks for, but what stands in an extra that nothing installs by itself."""
    call = next(
        node
        for node in ast.walk(ast.parse((ROOT / "setup.py").read_text("utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("setup")
    )
    options = {item.arg: item.value for item in call.keywords}
    names = set(ast.literal_eval(options["install_requires"]))
    extras = ast.literal_eval(options["extras_require"])
    return {canonical(name) for name in names.union(extras["gui"], extras["test"])}


def test_every_dependency_has_one_exact_version() -> None:
    assert wanted() <= set(pinned())
    for lines in pinned().values():
        assert all(re.fullmatch(r"[\w.-]+==[\w.!+]+(; .+)?", line) for line in lines)
        assert len(lines) == 1 or all(";" in line for line in lines)


def test_nothing_comes_from_another_index_or_under_our_name() -> None:
    sources = "".join((ROOT / name).read_text("utf-8") for name in ("dev.py", "setup.py"))
    for option in ("index-url", "find-links", "trusted-host", "--pre", "git+", "http://"):
        used = [line for line in sources.splitlines() if option in line and "127.0.0.1" not in line]
        assert used == [], option
    assert '"--constraint", str(CONSTRAINTS)' in sources
    assert not {name for name in pinned() if name.startswith(("sync-gui", "sync-core"))}
