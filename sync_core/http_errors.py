"""The refusals of the HTTP API, as data; codes are only ever added."""

from __future__ import annotations

from sync_core.error_entries import HttpErrorEntry

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
        "The same sync (of the same patient, day and type, or of the same whole day) is pending or "
        "running.",
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
        "headers_too_large",
        431,
        "Headers too large",
        "The request's header is larger than 32 KiB or has more than 100 lines.",
        "Send fewer and shorter header fields.",
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
        "too_many_attempts",
        429,
        "Too many attempts",
        "Too many wrong API keys came from this address; the one sent now was not looked at.",
        "Correct the key, then wait as long as `Retry-After` says.",
    ),
    HttpErrorEntry(
        "not_implemented",
        501,
        "Not implemented",
        "The body is sent in a transfer coding other than one `chunked`.",
        "Send the body with `Content-Length`, or chunked.",
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
