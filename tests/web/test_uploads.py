"""Files taken up at the desk."""

from __future__ import annotations

import zipfile
from io import BytesIO

from digest.bootstrap import House
from digest.store import articles, events
from tests.web.people import seated

NOTE = b"---\ntitle: Goats <came>\ndate: 2026-11-20T10:00:00Z\n---\nTwo goats came to the mole.\n"


def upload(
    house: House, name: str, data: bytes, *, role: str = "editor", **more: str
) -> tuple[int, str]:
    client = seated(house, role)
    fields = {"csrf": client.csrf, "source": "desk", **more}  # type: ignore[attr-defined]
    answer = client.post("/desk/upload", data=fields, files={"file": (name, data)})
    return answer.status_code, answer.text


def test_an_editor_takes_up_a_file_and_hears_what_became_of_it(house: House) -> None:
    assert "Take up a file" in seated(house, "editor").get("/desk/upload").text
    status, page = upload(house, "goats.md", NOTE, base_url="https://gazette.example")
    assert (status, "1 story is new" in page) == (200, True)
    assert "1 unchanged" in upload(house, "goats.md", NOTE, base_url="https://gazette.example")[1]
    with house.database.read() as session:
        assert articles.count(session, ["desk"]) == 1
        assert events.recent(session, limit=1)[0].action == "took up a file"


def test_what_an_export_leaves_out_is_listed_with_its_reason(house: House) -> None:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("site/a.md", NOTE)
        archive.writestr("site/<b>.md", "---\na: [\n---\nbroken")
    status, page = upload(house, "site.zip", packed.getvalue())
    assert (status, "1 item was left" in page, "&lt;b&gt;.md" in page) == (200, True, True)


def test_what_is_no_export_and_what_names_no_source_is_refused(house: House) -> None:
    assert upload(house, "x.bin", b"\x00\x01")[0] == 422
    assert upload(house, "goats.md", NOTE, source="nobody")[0] == 422
    assert upload(house, "goats.md", NOTE, base_url="javascript:x()")[0] == 422
    assert upload(house, "../../etc/goats.md", NOTE)[0] == 200


def test_a_viewer_and_a_form_of_another_session_take_nothing_up(house: House) -> None:
    assert upload(house, "goats.md", NOTE, role="viewer")[0] == 403
    assert upload(house, "goats.md", NOTE, csrf="x")[0] == 403


def test_a_file_that_is_too_large_is_refused(sqlite_house: House) -> None:
    assert upload(sqlite_house, "x.md", b"x" * 50_000_001)[0] == 413
