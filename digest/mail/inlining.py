"""`<mj-style inline="inline">`: rules that go into each element's own style, which the engine does not do."""

from __future__ import annotations

from collections.abc import Sequence

import css_inline

from digest.mail.tags import Piece, Wrong, attributes, start


def take(pieces: Sequence[Piece]) -> tuple[list[Piece], str]:
    """The tags with such rules taken out, and the rules."""
    kept, rules = list(pieces), []
    for number, (_, _, end, name, written, empty) in enumerate(pieces[:-1]):
        if name != "mj-style" or end or empty:
            continue
        if ("inline", "inline") in (attributes(written) or ()):
            kept[number] = start(kept[number][0], name, "", "")
            rules.append(kept[number + 1][0])
            kept[number + 1] = ("", *kept[number + 1][1:])
    return kept, "\n".join(rules)


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
