"""Sentences that give orders instead of telling a story: nothing that a model writes may rest on them."""

from __future__ import annotations

import re

from digest import sentences

_MACHINE = re.compile(
    r".*\b(?:previous|prior|above|earlier|your) (?:instructions?|prompts?|guidelines)\b"
    r"|.*\b(?:system|hidden) prompt\b|.*\bas an ai\b|\W*(?:system|user|assistant)\s*:|\W*(?:new|next) task\s*:"
    r"|\W*(?:do not|don't|never) summari[sz]e\b"
    r"|.*\b(?:ignoriere|vergiss|ignorez|oubliez|ignora|olvida|dimentica)\b.{0,40}\b(?:anweisung|instruction|instruccion|istruzion|regel|règle)"
    r"|.*(?:忽略|无视|無視).{0,12}(?:指令|指示|说明)|.*تجاهل.{0,20}(?:التعليمات|الأوامر)",
    re.IGNORECASE | re.DOTALL,
)
#: Each part of `_MACHINE` has one of these: a look for them is twenty times as quick.
_MACHINE_HAS = (
    "instruction", "prompt", "guideline", "as an ai", "system", "user", "assistant", "task", "summari",
    "anweisung", "instruccion", "istruzion", "regel", "règle", "指令", "指示", "说明", "التعليمات", "الأوامر",
)  # fmt: skip
_LEAD_IN = (
    r"(?:[^\w\"“«'‘]*(?:please|now|instead|also|then|and|important|note|attention|task|system|user|assistant|ai|chatgpt|bot)"
    r"\b[\s:,>\]]*)*[^\w\"“«'‘]*"
)
_ORDER = re.compile(
    _LEAD_IN
    + r"(?:(?:ignore|disregard|forget|override|reply|respond|translate|summari[sz]e|pretend|reveal|rewrite|output|append)\b"
    r"|(?:write|say|tell|add|include|insert|mention|print|repeat|execute|answer|return|replace)\b"
    r"(?=\s+(?:that|the|this|these|an?|only|with|in|everything|all|me|it|your?|one|to|<)\b|\s*[:<\"“{])"
    r"|do not\b|don't\b|you are now\b|you (?:must|should|shall|will)\b|from now on\b)"
    r"|.*\b(?:asks?|asked|orders?|tells?|wants?|instructs?|requires?) (?:you|the reader|readers|the model|the summari[sz]er) to\b",
    re.IGNORECASE | re.DOTALL,
)


def is_for_machines(sentence: str) -> bool:
    """True for a sentence that can only be meant for a language model."""
    low = sentence.lower()
    return any(map(low.__contains__, _MACHINE_HAS)) and bool(_MACHINE.match(sentence))


def is_order(sentence: str) -> bool:
    """True for a sentence, outside quotation marks, that commands whoever reads or retells it."""
    return is_for_machines(sentence) or bool(_ORDER.match(sentence))


def without_orders(text: str) -> str:
    """The text without sentences that command."""
    return " ".join(s.text for s in sentences.split(text) if not is_order(s.text))
