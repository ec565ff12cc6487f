"""Imports at the desk: looked at first, taken over by a yes, dropped, gone on with, undone."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from digest.audience import addresses, imports, tokens, uploads
from digest.bootstrap import House
from digest.errors import NoRoom
from digest.model import SubscriptionStatus
from digest.store import errands, import_log, subscribers, suppressions
from digest.store.errands import Kind, State
from digest.web import headers
from digest.web.errands import Errands
from tests.audience.member_samples import SAMPLES
from tests.web.people import TestClient, later, seated
from tests.web.test_public import ALICE, add, status_counts

PATH = "/desk/house/imports"
LIST = (
    "email,status\nann@r.example,subscribed\nben@r.example,subscribed\nnot an address,subscribed\n"
)


def upload(client: TestClient, text: str | bytes, name: str = "list.csv", **fields: str) -> str:
    """The page of the errand that a file makes, once it was looked at."""
    data = text.encode() if isinstance(text, str) else text
    form = {"csrf": client.csrf, "newsletter": "sunday", **fields}  # type: ignore[attr-defined]
    answer = client.post(PATH, data=form, files={"file": (name, data)})
    assert answer.status_code == 303, answer.text
    wait(client)
    return str(answer.headers["location"])


def wait(client: TestClient) -> None:
    at_work: Errands = client.app.state.errands  # type: ignore[attr-defined]
    at_work.wait()


def press(client: TestClient, path: str, **fields: str) -> int:
    form = {"csrf": client.csrf, **fields}  # type: ignore[attr-defined]
    code = client.post(path, data=form).status_code
    wait(client)
    return int(code)


def files_of(house: House) -> list[str]:
    return sorted(path.name for path in (house.data / "imports").rglob("*") if path.is_file())


def test_a_file_is_looked_at_and_nothing_is_written_before_the_yes(house: House) -> None:
    admin = seated(house)
    add(house, "ben@r.example", confirmed=True)
    path = upload(admin, LIST)
    page = admin.get(path).text
    for words in (
        "What would become of 3 rows",
        "Nothing is written yet",
        "<strong>1</strong> new, confirmed",
        "<strong>1</strong> here already, nothing changes",
        "<strong>1</strong> no usable address",
        "not an address",
        "An email address must have an @-sign.",
    ):
        assert words in page, words
    assert '<th scope="row" class="figure">4</th>' in page, "the line of the row"
    assert status_counts(house) == {"confirmed": 1}
    assert press(admin, f"{path}/confirm") == 400, "the box was not ticked"
    assert press(admin, f"{path}/confirm", sure="yes") == 303
    assert status_counts(house) == {"confirmed": 2}
    done = admin.get(path).text
    assert "What came of 3 rows" in done
    assert files_of(house) == ["errors.csv"], "the file itself is dropped"
    assert "list.csv" in admin.get(PATH).text
    assert press(admin, f"{path}/confirm", sure="yes") == 409


def test_what_could_not_be_used_is_a_file_that_no_spreadsheet_runs(sqlite_house: House) -> None:
    admin = seated(sqlite_house)
    path = upload(admin, "email\n=cmd|' /C calc'!A0\nann@r.example\n")
    form = {"csrf": admin.csrf}  # type: ignore[attr-defined]
    found = admin.post(f"{path}/errors", data=form)
    assert found.headers["content-type"].startswith("text/csv")
    assert "'=cmd" in found.text
    assert "=cmd" in admin.get(path).text


def test_each_systems_export_comes_to_the_same_at_the_desk_as_by_the_command(
    sqlite_house: House,
) -> None:
    admin, database = seated(sqlite_house), sqlite_house.database
    for name, (file, text, _) in SAMPLES.items():
        path = upload(admin, text, file)
        number = int(path.rpartition("/")[2])
        with database.read() as session:
            told = errands.by_id(session, number).told
        plan = imports.Plan("sunday", uploads.folder(sqlite_house.data, number) / file)
        report = imports.try_dry(database, plan, key=sqlite_house.key, clock=sqlite_house.clock)
        outcomes = {one.value: count for one, count in report.outcomes.items() if count}
        assert (told["platform"], told["outcomes"]) == (report.platform, outcomes), name
        assert admin.get(path).status_code == 200


def test_columns_that_no_header_names_are_asked_about_and_may_be_named(sqlite_house: House) -> None:
    admin = seated(sqlite_house)
    path = upload(admin, "one,two\nann@r.example,bob@r.example\n")
    assert "do not say which column is what" in admin.get(path).text
    assert press(admin, f"{path}/columns", columns="email=2") == 303
    assert "email = column 2" in admin.get(path).text
    assert press(admin, f"{path}/confirm", sure="yes") == 303
    with sqlite_house.database.read() as session:
        assert subscribers.by_address(session, "bob@r.example")
        assert not subscribers.by_address(session, "ann@r.example")


def test_what_is_no_table_of_readers_is_told_and_may_be_dropped(sqlite_house: House) -> None:
    admin = seated(sqlite_house)
    path = upload(admin, b"\x89PNG\r\n\x1a\nno table", "picture.csv")
    page = admin.get(path).text
    assert "That did not work" in page
    assert "picture.csv, line 1" in page
    assert str(sqlite_house.data) not in page, "where it lies on the machine is nobody's matter"
    assert press(admin, f"{path}/again") == 303, "and fails again"
    assert press(admin, f"{path}/drop") == 303
    assert files_of(sqlite_house) == []
    assert press(admin, f"{path}/drop") == 409
    assert press(admin, f"{path}/again") == 409


def test_a_zip_of_several_tables_names_the_table_with_the_line(sqlite_house: House) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.csv", "email\nann@r.example\n")
        archive.writestr("b.csv", "email\nbroken\n")
    admin = seated(sqlite_house)
    page = admin.get(upload(admin, packed.getvalue(), "all.zip")).text
    assert "b.csv, 2" in page


def test_an_import_is_undone_on_a_page_of_its_own(house: House) -> None:
    admin = seated(house)
    path = upload(admin, LIST)
    press(admin, f"{path}/confirm", sure="yes")
    later(house, minutes=1)
    with house.database.write() as session:
        ann = subscribers.by_address(session, "ann@r.example")
        assert ann is not None
        subscribers.leave(session, ann.id, "sunday", now=house.clock(), method="page")
    page = admin.get(f"{PATH}/1").text
    assert "Take back what import 1 brought" in page
    assert press(admin, f"{PATH}/1/undo") == 400
    assert press(admin, f"{PATH}/1/undo", sure="yes") == 303
    assert status_counts(house) == {"unsubscribed": 1}, "who has acted since stays as they are"
    assert "It was undone" in admin.get(f"{PATH}/1").text
    assert "1 reader acted since and stays" in admin.get("/desk/house/errands/2").text
    assert press(admin, f"{PATH}/1/undo", sure="yes") == 409
    assert admin.get(f"{PATH}/99").status_code == 404


def test_a_list_of_addresses_that_must_not_be_mailed_suppresses_every_one(house: House) -> None:
    add(house, ALICE, confirmed=True)
    admin = seated(house)
    path = upload(admin, f"email,status\n{ALICE},subscribed\nnew@r.example,bounced\n", kind="bar")
    assert "None of these addresses is to be mailed" in admin.get(path).text
    press(admin, f"{path}/confirm", sure="yes")
    now = house.clock()
    with house.database.read() as session:
        for one in (ALICE, "new@r.example"):
            hashed = tokens.address_hash(house.key, addresses.parse(one).key)
            assert suppressions.reasons(session, hashed, at=now) == ["imported"], one
        alice = subscribers.by_address(session, ALICE)
        assert alice is not None
        assert subscribers.status(session, alice.id, "sunday") is SubscriptionStatus.CONFIRMED
        assert subscribers.by_address(session, "new@r.example") is None
    later(house, minutes=1)
    press(admin, f"{PATH}/1/undo", sure="yes")
    assert "None." in admin.get("/desk/house/suppressions").text


def test_one_whose_process_is_gone_goes_on_where_it_was(house: House) -> None:
    admin = seated(house)
    path = upload(admin, LIST)
    number = int(path.rpartition("/")[2])
    with house.database.write() as session:
        looked = errands.by_id(session, number)
        errands.move(session, looked, State.RUNNING, now=house.clock())
    assert "You may close this page" in admin.get(path).text
    assert press(admin, f"{path}/again") == 409, "somebody has it in hand"
    later(house, minutes=2)
    assert "Has stopped" in admin.get(path).text
    assert press(admin, f"{path}/again") == 303
    assert status_counts(house) == {"confirmed": 2}
    with house.database.read() as session:
        assert errands.by_id(session, number).state is State.DONE
        assert [one.rows for one in import_log.newest(session)] == [3]


def test_a_file_of_another_machine_is_asked_for_again(sqlite_house: House) -> None:
    admin = seated(sqlite_house)
    path = upload(admin, LIST)
    uploads.drop(sqlite_house.data, int(path.rpartition("/")[2]))
    assert press(admin, f"{path}/confirm", sure="yes") == 303
    assert "upload it again" in admin.get(path).text
    assert admin.post(f"{path}/errors", data={"csrf": admin.csrf}).status_code == 404  # type: ignore[attr-defined]


def test_what_is_no_file_or_no_newsletter_is_told(sqlite_house: House) -> None:
    admin = seated(sqlite_house)
    form = {"csrf": admin.csrf, "newsletter": "sunday"}  # type: ignore[attr-defined]
    assert admin.post(PATH, data=form).status_code == 422
    file = {"file": ("a.csv", b"email\n")}
    assert admin.post(PATH, data={**form, "newsletter": "x"}, files=file).status_code == 422


def test_a_full_disk_is_told_and_nothing_stays(
    sqlite_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: object) -> Path:
        raise NoRoom("full")

    monkeypatch.setattr(uploads, "keep", full)
    admin = seated(sqlite_house)
    form = {"csrf": admin.csrf, "newsletter": "sunday"}  # type: ignore[attr-defined]
    answer = admin.post(PATH, data=form, files={"file": ("a.csv", b"email\n")})
    assert (answer.status_code, "no room" in answer.text) == (507, True)
    with sqlite_house.database.read() as session:
        assert errands.open_ones(session) == []


def test_a_file_beyond_the_limit_is_refused_with_a_way_out(
    sqlite_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = headers.FILES[PATH][1]
    assert "500 MB" in words
    monkeypatch.setitem(headers.FILES, PATH, (1000, words))
    admin = seated(sqlite_house)
    form = {"csrf": admin.csrf, "newsletter": "sunday"}  # type: ignore[attr-defined]
    file = {"file": ("a.csv", b"x" * 2000)}
    answer = admin.post(PATH, data=form, files=file)
    assert answer.status_code == 413
    assert "digest subscribers import" in answer.text


def test_an_errand_that_breaks_says_so_without_a_trace(
    sqlite_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: object, **more: object) -> None:
        raise RuntimeError("secret words")

    monkeypatch.setattr(imports, "try_dry", broken)
    admin = seated(sqlite_house)
    page = admin.get(upload(admin, LIST)).text
    assert "something broke" in page
    assert "secret words" not in page


def test_who_drops_a_file_while_it_is_looked_at_gets_rid_of_it(
    sqlite_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, admin = imports.try_dry, seated(sqlite_house)

    def dropped_meanwhile(*args: object, **more: object) -> object:
        with sqlite_house.database.write() as session:
            (one,) = errands.open_ones(session)
            errands.move(session, one, State.DROPPED, now=sqlite_house.clock())
        return real(*args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(imports, "try_dry", dropped_meanwhile)
    upload(admin, LIST)
    assert files_of(sqlite_house) == []
    with sqlite_house.database.read() as session:
        assert import_log.newest(session) == []


def test_files_that_nobody_confirms_go_after_a_week(sqlite_house: House) -> None:
    admin = seated(sqlite_house)
    upload(admin, LIST)
    now = sqlite_house.clock()
    assert uploads.tidy(sqlite_house.database, sqlite_house.data, now=now + uploads.KEPT) == 0
    later(sqlite_house, days=7, seconds=1)
    now = sqlite_house.clock()
    assert uploads.tidy(sqlite_house.database, sqlite_house.data, now=now) == 1
    assert files_of(sqlite_house) == []


def test_a_reader_in_an_uploaded_file_is_named_by_an_erasure(sqlite_house: House) -> None:
    """The file is not ours to change: a person hears where the address still stands."""
    admin = seated(sqlite_house)
    alice = add(sqlite_house, "ann@r.example", confirmed=True)
    upload(admin, LIST)
    press(admin, f"/desk/readers/{alice}/erase", address="ann@r.example")
    assert "imports/1/list.csv" in admin.get("/desk/house/errands/2").text


def test_an_erasure_is_an_errand_too(sqlite_house: House) -> None:
    with sqlite_house.database.write() as session:
        gone = errands.begin(
            session,
            Kind.ERASE,
            actor="editor:1",
            state=State.RUNNING,
            subject=77,
            now=sqlite_house.clock(),
        )
    admin = seated(sqlite_house)
    later(sqlite_house, minutes=2)
    assert press(admin, f"/desk/house/errands/{gone.id}/again") == 303
    assert "Forgotten" in admin.get(f"/desk/house/errands/{gone.id}").text
