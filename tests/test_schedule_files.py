"""A folder of schedules looked at: the good files beside the faulty ones. Reading is tested in test_schedules."""

from __future__ import annotations

from pathlib import Path

from digest import schedule_files
from tests.houses import SCHEDULE


def test_a_faulty_file_hides_no_good_one_and_is_told_with_its_lines(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(SCHEDULE)
    (tmp_path / "b.toml").write_text(SCHEDULE.replace("minimum_stories = 2", "minimum_stories = 0"))
    (tmp_path / "c.toml").write_text("[newsletter\n")
    (tmp_path / "notes.txt").write_text("no schedule")
    good, faulty, broken = schedule_files.look(tmp_path)
    assert good.schedule is not None
    assert good.schedule.key == "a"
    assert (faulty.schedule, broken.schedule) == (None, None)
    (fault,) = faulty.faults
    assert str(fault).endswith("b.toml:17: compose.minimum_stories: expected 1 or more")
    assert broken.faults[0].line == 1


def test_a_key_of_two_places_is_the_fault_of_the_second_file(tmp_path: Path) -> None:
    feed = SCHEDULE.replace('kind = "api"', 'kind = "feed"\nurl = "https://a.example/feed"')
    (tmp_path / "a.toml").write_text(feed)
    (tmp_path / "b.toml").write_text(feed.replace("a.example", "b.example"))
    first, second = schedule_files.look(tmp_path)
    assert first.faults == ()
    assert second.schedule is None
    assert "is another source in a.toml" in str(second.faults[0])


def test_an_empty_or_missing_folder_holds_none(tmp_path: Path) -> None:
    assert schedule_files.look(tmp_path) == ()
    assert schedule_files.look(tmp_path / "nowhere") == ()
