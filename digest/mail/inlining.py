"""`<mj-style inline="inline">`: rules that go into each element's own style, which the engine does not do."""

from __future__ import annotations

from collections.abc import Sequence

import css_inline

from digest.mail.tags import Piece, Wrong, attributes, start

_INLINE = ("inline", "inline")


def take(pieces: Sequence[Piece]) -> tuple[list[Piece], str]:
    """The tags with such rules taken out, and the rules."""
    kept, rules, taking = list[Piece](), list[str](), False
    for piece in pieces:
        if taking:
            rules.append(piece.before)
            piece = piece._replace(before="")
        taking = piece.name == "mj-style" and not piece.end and _INLINE in _said(piece)
        kept.append(start(piece, "", piece.empty) if taking else piece)
    return kept, "\n".join(rules)


def _said(piece: Piece) -> Sequence[tuple[str, str | None]]:
    return attributes(piece.written) or ()


def inline(html: str, rules: str) -> str:
    """A page with `rules` in its elements' styles. Nothing is loaded; the page's own rules stay in its head."""
    inliner = css_inline.CSSInliner(
        inline_style_tags=False,
        keep_style_tags=True,
        keep_link_tags=True,
        load_remote_stylesheets=False,
        extra_css=rules,
    )
    try:
        return inliner.inline(html)
    except css_inline.InlineError as error:
        raise Wrong(None, f"rules that cannot be inlined: {error}") from error
