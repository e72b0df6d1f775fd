"""Articles and their versions in Postgres: one function for each statement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from services.city.articles import Article
from services.database import Connection, named_queries
from services.errors import NotFound, TriageError
from services.knowledge.states import Held, Step

QUERIES = named_queries(Path(__file__).parent)


class StaleArticle(TriageError):
    """The article changed since you read it; read it again."""

    code = "stale_version"
    status = 412


class ArticleExists(TriageError):
    """There is an article with this id already."""

    code = "article_exists"
    status = 409


@dataclass(frozen=True, slots=True)
class Version:
    """One step of an article: who did what, when, and the words as they were after it."""

    version: int
    at: datetime
    actor: str
    action: str
    state: str
    reason: str | None
    content: dict[str, Any]


def revision(conn: Connection) -> int:
    """A number that rises with every step of any article."""
    row = conn.execute(QUERIES["knowledge_revision"]).fetchone()
    return int(row[0]) if row else 0


def list_live_articles(conn: Connection) -> list[Article]:
    """What may be read out, confirmed or not, of any day; by id."""
    rows = conn.execute(QUERIES["list_live_articles"]).fetchall()
    return [from_content(row[0]) for row in rows]


def find_live_article(conn: Connection, id: str) -> Article | None:
    """What may be read out of the article `id`, if its day has come."""
    row = conn.execute(QUERIES["find_live_article"], {"id": id}).fetchone()
    return from_content(row[0]) if row else None


def list_pack_marks(conn: Connection) -> dict[str, tuple[bytes | None, bool, int, str]]:
    """By id: the pack's words at the last loading, whether staff left it alone, version, state."""
    rows = conn.execute(QUERIES["list_pack_marks"]).fetchall()
    return {row[0]: (row[1], row[2], row[3], row[4]) for row in rows}


def find_article(conn: Connection, id: str) -> Held:
    """The working copy; raises `NotFound`."""
    with conn.cursor(row_factory=class_row(_Row)) as cursor:
        found = cursor.execute(QUERIES["find_article"], {"id": id}).fetchone()
    if found is None:
        raise NotFound
    return found.held()


def list_articles(
    conn: Connection,
    *,
    words: str | None,
    state: str | None,
    agency_id: str | None,
    after: str | None,
    limit: int,
) -> list[Held]:
    """A page by id."""
    parameters = {
        "words": words,
        "state": state,
        "agency_id": agency_id,
        "after": after,
        "limit": limit,
    }
    with conn.cursor(row_factory=class_row(_Row)) as cursor:
        return [row.held() for row in cursor.execute(QUERIES["list_articles"], parameters)]


def add_article(conn: Connection, step: Step, pack_sha256: bytes | None = None) -> None:
    """Write a new article with its first version; raises `ArticleExists`."""
    row = _columns(step.held) | {"pack_sha256": pack_sha256, "updated_at": step.at}
    if conn.execute(QUERIES["add_article"], row).fetchone() is None:
        raise ArticleExists
    _add_version(conn, step)


def save_step(conn: Connection, step: Step, pack_sha256: bytes | None = None) -> None:
    """Write a step of an article; raises `StaleArticle` if someone else wrote it meanwhile."""
    row = _columns(step.held) | {"pack_sha256": pack_sha256, "updated_at": step.at}
    row["version"] = step.held.version - 1
    if conn.execute(QUERIES["save_article"], row).fetchone() is None:
        raise StaleArticle
    _add_version(conn, step)


def list_versions(conn: Connection, id: str) -> list[Version]:
    with conn.cursor(row_factory=class_row(Version)) as cursor:
        return cursor.execute(QUERIES["list_versions"], {"id": id}).fetchall()


def gauge_articles(conn: Connection, day: date) -> list[tuple[str, int, int]]:
    """(state, articles, of these live and ending within 30 days of `day`)."""
    return conn.execute(QUERIES["gauge_articles"], {"day": day}).fetchall()


def content(article: Article) -> dict[str, Any]:
    """An article as a version keeps it."""
    row = asdict(article) | {"questions": list(article.questions)}
    for name in ("valid_from", "valid_until"):
        row[name] = row[name].isoformat() if row[name] else None
    return row


def from_content(row: Mapping[str, Any]) -> Article:
    """The article that `content` wrote down."""
    days = {
        name: date.fromisoformat(row[name]) if row[name] else None
        for name in ("valid_from", "valid_until")
    }
    return Article(**{**row, **days, "questions": tuple(row["questions"])})


@dataclass(frozen=True, slots=True)
class _Row:
    id: str
    version: int
    state: str
    title: str
    questions: list[str]
    answer: str
    more: str
    service: str
    audience: Any
    language: Any
    agency_id: str
    department: str | None
    valid_from: date | None
    valid_until: date | None
    confirmed: bool
    source: str
    editor: str
    live_version: int | None
    from_pack: bool
    updated_at: datetime

    def held(self) -> Held:
        article = Article(
            id=self.id,
            title=self.title,
            questions=tuple(self.questions),
            answer=self.answer,
            more=self.more,
            service=self.service,
            audience=self.audience,
            language=self.language,
            agency=self.agency_id,
            department=self.department,
            valid_from=self.valid_from,
            valid_until=self.valid_until,
            confirmed=self.confirmed,
            source=self.source,
        )
        return Held(
            article=article,
            version=self.version,
            state=self.state,
            editor=self.editor,
            live_version=self.live_version,
            from_pack=self.from_pack,
            updated_at=self.updated_at,
        )


def _columns(held: Held) -> dict[str, Any]:
    row = asdict(held.article)
    row["agency_id"] = row.pop("agency")
    row["questions"] = list(held.article.questions)
    return row | {
        "state": held.state,
        "editor": held.editor,
        "live_version": held.live_version,
        "from_pack": held.from_pack,
    }


def _add_version(conn: Connection, step: Step) -> None:
    conn.execute(
        QUERIES["add_version"],
        {
            "id": step.held.article.id,
            "version": step.held.version,
            "at": step.at,
            "actor": step.actor,
            "action": step.action,
            "state": step.held.state,
            "reason": step.reason,
            "content": Jsonb(content(step.held.article)),
        },
    )
