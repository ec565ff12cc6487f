"""The texts of many articles, without the rest."""

from __future__ import annotations

import pytest

from digest.model import ArticleId
from digest.store import article_texts, articles
from digest.store.engine import Database
from tests.articles import WEDNESDAY, incoming


def test_texts_come_by_id_however_many_are_asked_at_once(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(article_texts, "_AT_ONCE", 2)
    with database.write() as session:
        ids = [
            articles.save(session, incoming(f"Story {n}", text=f"Text {n}"), now=WEDNESDAY).id
            for n in range(5)
        ]
    with database.read() as session:
        found = list(article_texts.bodies(session, {*ids[1:], ArticleId(max(ids) + 9)}))
    assert found == [(one, f"Text {n}") for n, one in enumerate(ids)][1:]
