"""Every error code that the program tells anybody, as data.

The API's problem documents, a failed task's ``error_code``, the advice in the window and the
page ``docs/errors.md`` are all made from these two tables, so that they cannot disagree.
Codes are only ever added: clients rely on them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TaskErrorEntry:
    """One way in which a task can fail.

    ``sentence_de`` and ``advice_de`` are what staff read; ``meaning``, ``cause`` and ``advice``
    are the English words of the documentation. ``safe_to_retry`` says whether the very same
    request may simply be sent again.
    """

    code: str
    safe_to_retry: bool
    sentence_de: str
    advice_de: str
    meaning: str
    cause: str
    advice: str


@dataclass(frozen=True)
class HttpErrorEntry:
    """One refusal of the HTTP API: its status, its code and what it means."""

    code: str
    status: int
    title: str
    meaning: str
    advice: str


TASK_ERRORS: tuple[TaskErrorEntry, ...] = (
    TaskErrorEntry(
        "patient_not_found",
        True,
        "CallDoc kennt keinen Patienten mit dieser Nummer.",
        "PIZ prüfen. Stimmt sie, den Patienten zuerst in CallDoc anlegen.",
        "CallDoc knows no patient with this number, and no appointment of the day carries it.",
        "A typing error in the number, or a patient who is not yet in CallDoc.",
        "Check the number; create the patient in CallDoc first, then send the request again.",
    ),
    TaskErrorEntry(
        "no_appointments",
        True,
        "An diesem Tag gibt es keinen passenden Termin.",
        "Datum und Terminart prüfen; die Liste der Termine zeigt, was es stattdessen gibt.",
        "The patient has no appointment of this type that day that is neither cancelled nor a "
        "no-show.",
        "Wrong day or type, or the appointment was cancelled.",
        "Look at `appointments.items`: it lists what CallDoc holds instead.",
    ),
    TaskErrorEntry(
        "patient_incomplete",
        True,
        "Der Patient fehlt in SQLHK, und die Angaben aus CallDoc reichen nicht zum Anlegen.",
        "In CallDoc Name, Vorname und Geburtsdatum ergänzen, dann erneut versuchen.",
        "The patient is not in SQLHK, and CallDoc's data do not suffice to create the row.",
        "Family name, given name or birth date is missing in CallDoc.",
        "Complete the master data in CallDoc, then send the request again.",
    ),
    TaskErrorEntry(
        "patient_mismatch",
        False,
        "Die Geburtsdaten stimmen nicht überein; es wurde nichts geschrieben.",
        "Geburtsdaten vergleichen. Einer der beiden Datensätze gehört zu einer anderen Person: "
        "bitte klären und berichtigen, nicht wiederholen.",
        "The number belongs to different people in the two systems (the birth dates differ), or "
        "the expected birth date is not met.",
        "A mistyped number, or a wrong number or birth date in one of the systems.",
        "Compare the birth dates under `mismatch`; correct the wrong record by hand.",
    ),
    TaskErrorEntry(
        "ambiguous_patient",
        False,
        "In SQLHK kommen mehrere Patienten in Frage; es wurde nichts geschrieben.",
        "In SQLHK die doppelten Patienten bereinigen (lassen), dann erneut versuchen.",
        "Several patients of SQLHK could be meant.",
        "The number stands twice in SQLHK, or several rows without a number share name and "
        "birth date.",
        "Have the doubled patients in SQLHK merged by hand.",
    ),
    TaskErrorEntry(
        "ambiguous_examination",
        False,
        "Vorhandene Untersuchungen lassen sich nicht sicher zuordnen; es wurde nichts geschrieben.",
        "Untersuchungen des Tages in SQLHK mit den Terminen vergleichen und von Hand berichtigen.",
        "Existing examinations cannot be assigned to the appointments with certainty.",
        "Several examinations and several appointments of that day and kind differ in room or "
        "doctor in more than one possible way.",
        "Correct the day's examinations in SQLHK by hand.",
    ),
    TaskErrorEntry(
        "mapping_missing",
        False,
        "Terminart, Raum oder Arzt ist in SQLHK nicht eindeutig zugeordnet; "
        "es wurde nichts geschrieben.",
        "Die genannte Zuordnung in SQLHK eintragen lassen, dann erneut versuchen.",
        "The appointment type, the room or the doctor has no counterpart in SQLHK, or more than "
        "one.",
        "A new room, doctor or type that nobody has mapped yet, or a mapping entered twice.",
        "Enter the mapping in SQLHK (the message says which), or configure a default.",
    ),
    TaskErrorEntry(
        "plan_changed",
        False,
        "Seit der Vorschau hat sich etwas geändert; es wurde nichts geschrieben.",
        "Neue Vorschau ansehen und dann übernehmen.",
        "The plan of the dry run no longer holds.",
        "An appointment, the patient, an examination, the mapping or a setting changed since.",
        "Make a new dry run, look at it, and carry out that one.",
    ),
    TaskErrorEntry(
        "calldoc_unavailable",
        True,
        "CallDoc ist nicht erreichbar.",
        "Kurz warten und erneut versuchen; bleibt es so, die IT verständigen.",
        "CallDoc cannot be reached, or stays silent for `calldoc.read_timeout`.",
        "CallDoc is down, the network is interrupted, or the address is wrong.",
        "Send the request again once CallDoc answers.",
    ),
    TaskErrorEntry(
        "calldoc_error",
        True,
        "CallDoc hat mit einem Fehler geantwortet.",
        "Erneut versuchen; bleibt es so, die IT verständigen.",
        "CallDoc answered with an HTTP error or with something that is not its documented JSON.",
        "A fault inside CallDoc, a proxy page, or a version that changed its answers.",
        "Send the request again; if it stays, look at the log and at CallDoc.",
    ),
    TaskErrorEntry(
        "sqlhk_unavailable",
        True,
        "Die Datenbank SQLHK ist nicht erreichbar.",
        "Kurz warten und erneut versuchen; bleibt es so, die IT verständigen.",
        "SQLHK cannot be reached (an SQLite file that does not exist counts as that and is not "
        "created).",
        "The database server is down, the network is interrupted, or the address is wrong.",
        "Send the request again once the database answers.",
    ),
    TaskErrorEntry(
        "sqlhk_error",
        True,
        "Die Datenbank SQLHK hat eine Anweisung abgelehnt; es wurde nichts geschrieben.",
        "Erneut versuchen; bleibt es so, die IT verständigen (Rechte, Tabellen).",
        "SQLHK refused a statement; the transaction was rolled back.",
        "A missing right, a missing table or column, a full or read-only database.",
        "Run `--check`; have the named right or table mended, then send the request again.",
    ),
    TaskErrorEntry(
        "conflict",
        True,
        "Jemand hat dieselbe Untersuchung gleichzeitig geändert; es wurde nichts geschrieben.",
        "Erneut versuchen.",
        "Somebody changed the same row meanwhile, twice in a row.",
        "A person or another program edits this patient at this very moment.",
        "Send the request again.",
    ),
    TaskErrorEntry(
        "scope_violation",
        False,
        "Eine Anweisung hätte fremde Zeilen berührt; alles wurde zurückgenommen.",
        "Nicht wiederholen. Die IT verständigen und das Protokoll aufheben.",
        "A statement would have touched a row that is not this patient's; rolled back.",
        "A fault of the program or of the database.",
        "Do not repeat; keep the log and report it.",
    ),
    TaskErrorEntry(
        "timeout",
        True,
        "Die Zeit war um, bevor geschrieben wurde; es wurde nichts geschrieben.",
        "Erneut versuchen.",
        "The time was over before the commit was sent (waiting for a lock included); nothing was "
        "written.",
        "CallDoc or SQLHK is slow, a lock is held, or too many tasks wait.",
        "Send the request again.",
    ),
    TaskErrorEntry(
        "interrupted",
        True,
        "Das Programm wurde währenddessen beendet; es wurde nichts geschrieben.",
        "Erneut versuchen.",
        "The program ended meanwhile; nothing was written.",
        "The window was closed, the computer was shut down, or the program was killed.",
        "Send the request again.",
    ),
    TaskErrorEntry(
        "outcome_unknown",
        True,
        "Die Verbindung riss beim Speichern ab; ob geschrieben wurde, ist noch offen.",
        "Untersuchung in SQLHK nachsehen. Das Programm fragt weiter nach und ergänzt das Ergebnis.",
        "The connection broke during the commit and SQLHK could not be asked since.",
        "The database or the network failed at the very moment of the commit.",
        "Repeating is safe (a second sync finds what is there); `resolution` follows by itself.",
    ),
    TaskErrorEntry(
        "journal_unavailable",
        True,
        "Das Journal konnte nicht geschrieben werden; die Änderung wurde zurückgenommen.",
        "Freien Plattenplatz und Rechte des Datenordners prüfen, dann erneut versuchen.",
        "The journal could not be written before the commit; rolled back.",
        "The disk is full or the data folder cannot be written.",
        "Make room or mend the rights, then send the request again.",
    ),
    TaskErrorEntry(
        "internal_error",
        True,
        "Ein Fehler im Programm; es wurde nichts geschrieben.",
        "Erneut versuchen; bleibt es so, die IT mit der Anfragenummer verständigen.",
        "Our fault before the commit; nothing was written.",
        "A defect of the program or of a plugin; the log has it under the request id.",
        "Send the request again; report it with the request id.",
    ),
)

HTTP_ERRORS: tuple[HttpErrorEntry, ...] = (
    HttpErrorEntry(
        "invalid_request",
        400,
        "Invalid request",
        "The body or the query is not as documented; `errors` names each field.",
        "Correct the request.",
    ),
    HttpErrorEntry(
        "host_not_allowed",
        400,
        "Host not allowed",
        "The `Host` header is none of this server's names (a protection against DNS rebinding).",
        "Use 127.0.0.1 or localhost, or list the name in `api.allowed_hosts`.",
    ),
    HttpErrorEntry(
        "key_required",
        401,
        "Key required",
        "An API key is configured and the request carries none.",
        "Send `Authorization: Bearer KEY` or `X-API-Key: KEY`.",
    ),
    HttpErrorEntry(
        "key_invalid",
        401,
        "Key invalid",
        "The API key is wrong.",
        "Ask the administrator for the key.",
    ),
    HttpErrorEntry(
        "origin_not_allowed",
        403,
        "Origin not allowed",
        "The request comes from a web page of another origin.",
        "List the origin in `api.allowed_origins` if it is yours.",
    ),
    HttpErrorEntry(
        "task_not_found",
        404,
        "Task not found",
        "No task has this id, or it is older than `tasks.retention_days`.",
        "Use the `status_url` of the 202 answer.",
    ),
    HttpErrorEntry(
        "not_found", 404, "Not found", "There is nothing at this path.", "See `/api/docs`."
    ),
    HttpErrorEntry(
        "method_not_allowed",
        405,
        "Method not allowed",
        "The path exists, the method does not; `Allow` lists those that do.",
        "See `/api/docs`.",
    ),
    HttpErrorEntry(
        "already_running",
        409,
        "Already running",
        "A sync of the same patient, day and type is pending or running.",
        "Follow the task named by `task_id` and `status_url`.",
    ),
    HttpErrorEntry(
        "not_running",
        409,
        "Not running",
        "The task has ended and cannot be cancelled.",
        "Read its status.",
    ),
    HttpErrorEntry(
        "body_too_large",
        413,
        "Body too large",
        "The body is larger than 64 KiB.",
        "Send the documented fields only.",
    ),
    HttpErrorEntry(
        "json_required",
        415,
        "JSON required",
        "The body is not declared as `application/json` in UTF-8.",
        "Send `Content-Type: application/json`.",
    ),
    HttpErrorEntry(
        "idempotency_key_reused",
        422,
        "Idempotency key reused",
        "The key was used for another request within the last 24 hours.",
        "Use a new key for a new request.",
    ),
    HttpErrorEntry(
        "queue_full",
        429,
        "Queue full",
        "More than `tasks.queue_limit` tasks wait.",
        "Wait as long as `Retry-After` says, then send the request again.",
    ),
    HttpErrorEntry(
        "internal_error",
        500,
        "Internal error",
        "A fault of this program; the log has it under the request id.",
        "Report it with the request id.",
    ),
    HttpErrorEntry(
        "not_configured",
        503,
        "Not configured",
        "A setting that this call needs is missing; `detail` names it.",
        "Complete the configuration and start the program again.",
    ),
    HttpErrorEntry(
        "shutting_down",
        503,
        "Shutting down",
        "The program is ending and takes no new tasks.",
        "Send the request again after the next start.",
    ),
    HttpErrorEntry(
        "journal_unavailable",
        503,
        "Journal unavailable",
        "The task could not be recorded, so it was not accepted.",
        "Look at disk space and rights of the data folder, then send the request again.",
    ),
)

_TASK_ERRORS_BY_CODE = {entry.code: entry for entry in TASK_ERRORS}
_HTTP_ERRORS_BY_CODE = {entry.code: entry for entry in HTTP_ERRORS}


def task_error(code: str) -> TaskErrorEntry:
    """The catalogue's entry for a failed task's ``error_code``; ``KeyError`` when there is none."""
    return _TASK_ERRORS_BY_CODE[code]


def http_error(code: str) -> HttpErrorEntry:
    """The catalogue's entry for a problem document's ``code``; ``KeyError`` when there is none."""
    return _HTTP_ERRORS_BY_CODE[code]
