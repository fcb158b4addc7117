"""What staff read about a day's sync: German words for the words of its status. No Qt."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sync_core.error_catalogue import task_error

NOTHING = "–"
LEFT_OUT = "left_out"
"""The outcome of the lines of CallDoc's appointments that were not taken."""
PATIENT_OUTCOMES: Mapping[str, tuple[str, str]] = {
    "inserted": ("created", "angelegt"),
    "updated": ("updated", "PIZ ergänzt"),
    "unchanged": ("unchanged", "vorhanden"),
    "failed": ("error", "nicht übertragen"),
}
"""Icon and words for each outcome of a patient."""
EXAMINATION_OUTCOMES: Mapping[str, tuple[str, str]] = {
    "inserted": ("created", "angelegt"),
    "updated": ("updated", "geändert"),
    "unchanged": ("unchanged", "unverändert"),
    "deleted": ("cancel", "gelöscht"),
    "skipped": ("warning", "übersprungen"),
    "left_out": ("idle", "nicht übernommen"),
    "error": ("error", "Fehler"),
}
"""Icon and words for each outcome of an appointment or an examination."""
KEPT = ("warning", "bleibt stehen")
LEFT_ALONE = ("idle", "bleibt stehen")
"""Icon and words for an examination without an appointment that is not deleted."""
_KEPT_CODES = "obsolete_"
_SAME_EXAMINATION = "same_examination"
NOBODY_WANTED = frozenset(
    {
        "obsolete_not_asked",
        "obsolete_not_future",
        "obsolete_kind_not_asked",
        "obsolete_not_taken",
    }
)
"""Codes of examinations that stay because nobody asked to delete them: no news to anybody."""
SAME = ("unchanged", "doppelt")
"""Icon and words for an appointment that is another one's examination."""

LEFT_OUT_REASONS: Mapping[str, str] = {
    "cancelled": "abgesagt",
    "no_show": "nicht erschienen",
    "did_not_take_place": "nicht abgeschlossen",
    "unreadable": "nicht lesbar",
}
"""Why an appointment was not taken, in few words."""

STAGES: Mapping[str, str] = {
    "queued": "Warteschlange",
    "waiting": "Wartet auf den Tag",
    "calldoc": "CallDoc fragen",
    "match": "Zuordnen",
    "write": "Übertragen",
    "commit": "Speichern",
    "done": "Fertig",
}

_AGAIN = "danach den Tag erneut abgleichen."
_OWN_REASONS: Mapping[str, tuple[str, str]] = {
    "no_number": (
        "Im Termin fehlt die Patientennummer.",
        f"In CallDoc die PIZ ergänzen, {_AGAIN}",
    ),
    "not_written": (
        "Nicht geschrieben, weil ein anderer Termin des Patienten nicht übertragen werden konnte.",
        f"Beim anderen Termin beheben, was dort steht, {_AGAIN}",
    ),
    "same_examination": (
        "Dieselbe Untersuchung wie ein anderer Termin des Patienten.",
        "Nichts zu tun.",
    ),
    "outcome_unknown": (
        "Die Verbindung riss beim Schreiben ab; ob geschrieben wurde, ist offen.",
        "In SQLHK nachsehen, oder den Tag erneut abgleichen: was schon da ist, wird gefunden.",
    ),
    "cancelled": ("Der Termin ist abgesagt.", "Nichts zu tun."),
    "no_show": ("Der Patient ist nicht erschienen.", "Nichts zu tun."),
    "did_not_take_place": (
        "Der Termin ist nicht abgeschlossen, andere dieses Tages sind es.",
        "Hat er doch stattgefunden: in CallDoc abschließen oder ohne „Nur abgeschlossene Termine "
        "vergangener Tage“ abgleichen.",
    ),
    "unreadable": (
        "Die Angaben des Termins sind nicht lesbar.",
        f"Den Termin in CallDoc berichtigen, {_AGAIN}",
    ),
    "obsolete_not_asked": (
        "Ohne gültigen Termin in CallDoc; das Löschen war nicht verlangt.",
        "Wenn die Untersuchung nicht stattfindet: mit „Überflüssige Untersuchungen löschen“ "
        "abgleichen.",
    ),
    "obsolete_not_taken": (
        "Der Termin dazu ist nicht abgeschlossen, oder der Patient ist nicht erschienen.",
        "In CallDoc nachsehen. Hat die Untersuchung stattgefunden, ist nichts zu tun.",
    ),
    "obsolete_not_future": (
        "Ohne gültigen Termin in CallDoc; gelöscht wird nur an künftigen Tagen.",
        "In CallDoc nachsehen, ob der Termin fehlt. Nur wenn die Untersuchung nicht stattfand: in "
        "SQLHK von Hand löschen.",
    ),
    "obsolete_kind_not_asked": (
        "Ohne gültigen Termin in CallDoc; diese Art war nicht verlangt.",
        "Bei Bedarf mit der zugehörigen Terminart abgleichen.",
    ),
    "obsolete_answer_empty": (
        "CallDoc nennt von dieser Art keinen gültigen Termin; dann wird nichts gelöscht.",
        "In CallDoc nachsehen, ob an diesem Tag wirklich keine Termine sind.",
    ),
    "obsolete_patient_failed": (
        "Vielleicht gehört sie zu einem Termin des Patienten, der sich nicht übertragen oder "
        "zuordnen ließ.",
        f"Nicht löschen. Zuerst den Grund bei diesem Termin beheben, {_AGAIN}",
    ),
    "obsolete_worked_on": (
        "Ohne gültigen Termin in CallDoc, aber von Hand bearbeitet; so etwas wird nie gelöscht.",
        "In SQLHK prüfen und bei Bedarf von Hand löschen.",
    ),
    "obsolete_new": (
        "Ohne gültigen Termin in CallDoc, aber neuer oder später geändert als dessen Antwort.",
        "Den Tag erneut abgleichen.",
    ),
    "obsolete_not_confirmed": (
        "Ohne gültigen Termin in CallDoc; das Löschen wurde noch nicht bestätigt.",
        "Die Liste prüfen und das Löschen bestätigen.",
    ),
}
"""Sentence and advice for codes of lines that are no task's error, or mean more in a day."""

_NO_ADVICE = "Die IT mit der Anfragenummer verständigen."


def is_remarkable(outcome: object, code: object) -> bool:
    """Whether people should look at a line.

    Something was not carried over or was to be deleted and stays, or a patient who was found
    carries a warning.
    """
    if code == _SAME_EXAMINATION or code in NOBODY_WANTED:
        return False
    if outcome == LEFT_OUT:
        return code == "unreadable"  # the others are not taken by the rules of the day
    return code is not None or outcome in ("failed", "skipped", "error")


def patient_words(outcome: str, code: str | None) -> tuple[str, str] | None:
    """Icon and words for a patient's line; None for an outcome that nobody knows."""
    known = PATIENT_OUTCOMES.get(outcome)
    if known is not None and code is not None and outcome != "failed":
        return "warning", known[1]
    return known


def is_kept(line: Mapping[str, object]) -> bool:
    """Whether a line is about an examination without an appointment that stays."""
    return line.get("outcome") == "skipped" and str(line.get("code")).startswith(_KEPT_CODES)


def examination_words(outcome: str, code: str | None) -> tuple[str, str] | None:
    """Icon and words for an examination's line; None for an outcome that nobody knows."""
    if outcome == "skipped" and code == _SAME_EXAMINATION:
        return SAME
    if outcome == "skipped" and (code or "").startswith(_KEPT_CODES):
        return LEFT_ALONE if code in NOBODY_WANTED else KEPT
    return EXAMINATION_OUTCOMES.get(outcome)


def reason_of_line(code: str | None, message: str | None) -> str:
    """Why a line is as it is: its own German message, else the words for its code."""
    if not code:
        return message or ""
    if code in _OWN_REASONS:
        return message or _OWN_REASONS[code][0]
    try:
        entry = task_error(code)
    except KeyError:
        return message or f"Grund: {code}"
    if message in (None, "", entry.sentence_de):
        return entry.stepwise_de or entry.sentence_de
    return message or ""


def advice_of_line(code: str | None) -> str:
    """What to do about a line; empty where its message says all."""
    if not code:
        return ""
    if code in _OWN_REASONS:
        return _OWN_REASONS[code][1]
    try:
        return task_error(code).advice_de
    except KeyError:
        return ""


def advice_for(error_code: str) -> str:
    """What to do about a failed day."""
    try:
        return task_error(error_code).advice_de
    except KeyError:
        return _NO_ADVICE


def short_error(error_code: str) -> str:
    """A failed day's reason in few words."""
    try:
        return task_error(error_code).short_de
    except KeyError:
        return error_code


def moment_words(moment: datetime, now: datetime) -> str:
    """The local time of day; with the date when the moment is not of today."""
    local = moment.astimezone(now.tzinfo)
    return f"{local:%H:%M:%S}" if local.date() == now.date() else f"{local:%d.%m. %H:%M}"


def duration_words(milliseconds: int | None) -> str:
    """``240 ms``, ``2,4 s``, ``1 min 01 s``; empty for None."""
    if milliseconds is None:
        return ""
    if milliseconds < 1000:
        return f"{milliseconds} ms"
    if milliseconds < 59_950:
        return f"{milliseconds / 1000:.1f} s".replace(".", ",")
    minutes, seconds = divmod(round(milliseconds / 1000), 60)
    return f"{minutes} min {seconds:02d} s"
