"""The forms of an edition as readers choose them: each encoded once, and put together once a choice.

Every part of every variant is encoded when the send begins. A choice is looked up by its text; the first
reader with it has the parts put in line, which encodes nothing and copies little, and all others share
that. So a reader costs what one of an edition without variants costs.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from digest import variants
from digest.delivery import parts
from digest.delivery.compile import SMALL, Compiled, Maker
from digest.delivery.parts import Part
from digest.mail import cuts
from digest.model import Arm, Choice, Message, Reader, Rendered
from digest.store.chunks import Chunk

#: Choices that are kept put together; each has some 100 kB of its own, for providers that want no MIME.
KEPT = 256

#: A part of the mail, and the same encoded.
Segment = tuple[cuts.Part, tuple[Part, ...]]


@dataclass
class Variant:
    """One form of an edition, its parts encoded when the first reader wants it."""

    maker: Maker
    rendered: Rendered

    @cached_property
    def text(self) -> tuple[Segment, ...]:
        return self._segments(self.rendered.text, parts.leaves(self.maker.leave)[0])

    @cached_property
    def html(self) -> tuple[Segment, ...]:
        return self._segments(self.rendered.html, parts.leaves(self.maker.leave)[1])

    @staticmethod
    def _segments(whole: str, leave: str) -> tuple[Segment, ...]:
        *found, last = cuts.taken(whole)
        each = [(one, tuple(parts.encoded(one.text, leave, is_last=False))) for one in found]
        return (*each, (last, tuple(parts.encoded(last.text, leave))))

    def compiled(self, choice: Choice) -> Compiled:
        """The mail of a choice, of parts that all choices share."""
        text, html = (_chosen(segments, choice) for segments in (self.text, self.html))
        rendered = dataclasses.replace(
            self.rendered,
            text="".join(part.text for part, _ in text),
            html="".join(part.text for part, _ in html),
        )
        body = parts.framed(rendered, _in_line(text), _in_line(html))
        return self.maker.compiled(rendered, body, most=SMALL)


def _chosen(segments: tuple[Segment, ...], choice: Choice) -> list[Segment]:
    encoded = {id(part): pieces for part, pieces in segments}
    found = cuts.chosen([part for part, _ in segments], choice.unwanted, choice.first)
    return [(part, encoded[id(part)]) for part in found]


def _in_line(segments: list[Segment]) -> list[Part]:
    return [piece for _, pieces in segments for piece in pieces if piece]


@dataclass
class Choices:
    """An edition for readers who choose; see the module. plain: as it comes, for who chose nothing.

    editions: the variants by key, the first one being the plain one with its cuts.
    """

    plain: Compiled
    maker: Maker
    editions: Mapping[str, Rendered]
    _variants: dict[str, Variant] = field(default_factory=dict)
    _made: dict[str, Compiled] = field(default_factory=dict)

    def message(self, reader: Reader, *, careful: bool = False, batch: str = "") -> Message:
        """One reader's message; see `Compiled.message`."""
        choice = reader.choice
        made = self._made.get(choice) or self._put_together(choice)
        return made.message(reader, careful=careful, batch=batch)

    def _put_together(self, text: str) -> Compiled:
        while len(self._made) >= KEPT:
            del self._made[next(iter(self._made))]
        choice = Choice.of(text)
        key = variants.key_of(tuple(self.editions), choice)
        as_it_comes = key == next(iter(self.editions)) and not (choice.unwanted or choice.first)
        made = self.plain if as_it_comes else self._variant(key).compiled(choice)
        self._made[text] = made
        return made

    def _variant(self, key: str) -> Variant:
        if key not in self._variants:
            self._variants[key] = Variant(self.maker, self.editions[key])
        return self._variants[key]


#: What the messages of one mail are made by.
Made = Compiled | Choices


@dataclass(frozen=True, slots=True)
class Arms:
    """Both subjects of a contest: as its test gets them, and as the rest does."""

    test: Mapping[Arm, Made]
    rest: Mapping[Arm, Made]

    @property
    def choices(self) -> bool:
        """True where readers may have chosen a form of the mail."""
        return isinstance(self.rest[Arm.A], Choices)

    def of(self, chunk: Chunk) -> Made:
        """The mail of a chunk's readers: its arm was read as the chunk was claimed."""
        if chunk.arm is None:
            raise ValueError(f"chunk {chunk.no} of send {chunk.send_id} has no subject yet")
        return (self.rest if chunk.rest else self.test)[chunk.arm]
