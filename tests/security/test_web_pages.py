"""What a web page in a browser on this computer could try."""

from __future__ import annotations

import pytest
import requests

from tests.api.house import House, Starter
from tests.api.problems import assert_problem

GOOD = '{"number": 1}'
CROSS_SITE = {"Sec-Fetch-Site": "cross-site"}
NAVIGATION = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
OPEN = ("/health", "/api/docs", "/api/docs/errors", "/api/openapi.json")
CLOSED = ("/api/sync/history", "/api/sync/active", "/api/plugins", "/health/ready")


@pytest.fixture
def untouched(house: House):
    """Nothing was started."""
    yield
    assert requests.get(f"{house.server.url}/api/sync/active").json()["count"] == 0
    assert requests.get(f"{house.server.url}/api/sync/history").json()["count"] == 0


def post(house: House, content_type: str, **headers: str) -> requests.Response:
    return requests.post(
        f"{house.server.url}/api/sync/numbered",
        data=GOOD,
        headers={"Content-Type": content_type, **headers},
    )


@pytest.mark.usefixtures("untouched")
def test_dns_rebinding(house: House) -> None:
    """The page's own name leads to us, so the browser sees one origin; the name gives it away."""
    name = f"rebound.evil.example:{house.port}"
    same_origin = {"Host": name, "Origin": f"http://{name}", "Sec-Fetch-Site": "same-origin"}
    assert_problem(post(house, "application/json", **same_origin), "host_not_allowed")
    for path in (*OPEN, *CLOSED):
        answer = requests.get(f"{house.server.url}{path}", headers={"Host": name})
        assert_problem(answer, "host_not_allowed")


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize(
    "content_type", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
def test_form_of_a_foreign_page(house: House, content_type: str) -> None:
    origin = {"Origin": "https://evil.example", **CROSS_SITE, **NAVIGATION}
    assert_problem(post(house, content_type, **origin), "origin_not_allowed")
    assert_problem(post(house, content_type, **CROSS_SITE, **NAVIGATION), "origin_not_allowed")
    assert_problem(post(house, content_type), "json_required")  # a browser that says nothing


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize("content_type", ["text/plain", "", "text/plain;application/json"])
def test_json_that_claims_to_be_plain_text(house: House, content_type: str) -> None:
    """Plain text is what a page may send to everybody without asking first."""
    assert_problem(post(house, content_type, Origin="https://evil.example"), "origin_not_allowed")
    assert_problem(post(house, content_type, **CROSS_SITE), "origin_not_allowed")
    assert_problem(post(house, content_type), "json_required")


@pytest.mark.parametrize("destination", ["image", "script", "iframe", "object", "empty"])
def test_image_script_or_frame_of_a_foreign_page(house: House, destination: str) -> None:
    mode = "navigate" if destination in ("iframe", "object") else "no-cors"
    for site in ("cross-site", "same-site", "something-new", ""):
        headers = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": destination}
        for path in ("/api/docs", "/api/sync/history", "/api/docs/swagger-ui-bundle.js"):
            answer = requests.get(f"{house.server.url}{path}", headers=headers)
            assert_problem(answer, "origin_not_allowed")


def test_a_link_from_elsewhere_leads_to_open_pages_only(house: House) -> None:
    for path in OPEN:
        link = requests.get(f"{house.server.url}{path}", headers={**CROSS_SITE, **NAVIGATION})
        assert link.status_code == 200
        assert "Access-Control-Allow-Origin" not in link.headers
    for path in CLOSED:
        link = requests.get(f"{house.server.url}{path}", headers={**CROSS_SITE, **NAVIGATION})
        assert_problem(link, "origin_not_allowed")
        bookmark = {"Sec-Fetch-Site": "none", **NAVIGATION}
        answer = requests.get(f"{house.server.url}{path}", headers=bookmark)
        assert answer.status_code == 200


@pytest.mark.usefixtures("untouched")
def test_script_of_a_foreign_page(house: House) -> None:
    foreign = {"Origin": "https://evil.example", "Sec-Fetch-Mode": "cors", **CROSS_SITE}
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x-api-key"}
    preflight = requests.options(
        f"{house.server.url}/api/sync/numbered", headers={**foreign, **asked}
    )
    assert_problem(preflight, "origin_not_allowed")
    assert not [name for name in preflight.headers if name.startswith("Access-Control-")]
    assert_problem(post(house, "application/json", **foreign), "origin_not_allowed")
    for path in CLOSED:
        answer = requests.get(f"{house.server.url}{path}", headers=foreign)
        assert_problem(answer, "origin_not_allowed")
        assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.usefixtures("untouched")
def test_sandboxed_frame_or_local_file(house: House) -> None:
    """Their origin is the word null, which must not stand for anybody's."""
    assert_problem(post(house, "application/json", Origin="null"), "origin_not_allowed")
    for path in (*OPEN, *CLOSED):
        answer = requests.get(f"{house.server.url}{path}", headers={"Origin": "null"})
        assert_problem(answer, "origin_not_allowed")


def test_null_cannot_be_listed(start: Starter) -> None:
    house = start(allowed_origins=("null",))
    assert_problem(post(house, "application/json", Origin="null"), "origin_not_allowed")


def test_no_answer_can_be_framed_sniffed_or_kept(house: House) -> None:
    url = house.server.url
    answers = [requests.get(f"{url}{path}") for path in (*OPEN, *CLOSED, "/nothing")]
    answers += [
        requests.get(f"{url}/api/docs/swagger-ui-bundle.js"),
        requests.delete(f"{url}/health"),
        requests.options(f"{url}/health"),
        requests.post(f"{url}/api/echo", data="x"),
        requests.get(f"{url}/api/echo/fault"),
        requests.get(url, headers={"Host": "evil.example"}),
    ]
    cached = requests.get(f"{url}/api/docs/swagger-ui.css")
    answers.append(
        requests.get(cached.url, headers={"If-None-Match": cached.headers.get("ETag", "")})
    )
    assert answers[-1].status_code == 304
    for answer in answers:
        headers = answer.headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert "Server" not in headers
        assert "Access-Control-Allow-Origin" not in headers
        if not answer.url.startswith(f"{url}/api/docs/swagger"):
            assert headers["Cache-Control"] == "no-store"


def test_only_a_listed_page_may_call_and_read(start: Starter) -> None:
    house = start(allowed_origins=("https://intranet.example",))
    url = f"{house.server.url}/api/sync/numbered"
    ours = {"Origin": "https://intranet.example", "Sec-Fetch-Mode": "cors", **CROSS_SITE}
    asked = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Private-Network": "true",
    }
    preflight = requests.options(url, headers={**ours, **asked})
    assert preflight.status_code == 204
    assert preflight.headers["Access-Control-Allow-Origin"] == "https://intranet.example"
    assert preflight.headers["Access-Control-Allow-Private-Network"] == "true"
    assert "Access-Control-Allow-Credentials" not in preflight.headers
    assert "Origin" in preflight.headers["Vary"]
    started = post(house, "application/json", **ours)
    assert started.status_code == 202
    assert started.headers["Access-Control-Allow-Origin"] == "https://intranet.example"
    for other in ("https://intranet.example.evil.example", "http://intranet.example", "*"):
        answer = requests.get(f"{house.server.url}/api/sync/active", headers={"Origin": other})
        assert_problem(answer, "origin_not_allowed")
        assert "Origin" in answer.headers["Vary"]
    unsaid = requests.get(f"{house.server.url}/api/sync/active")
    assert "Access-Control-Allow-Origin" not in unsaid.headers
    assert "Origin" in unsaid.headers["Vary"]
