"""What botocore's own description of SES v2 says a request must be."""

from __future__ import annotations

import functools
import re
from typing import Any

import botocore.session
from botocore.model import ServiceModel, Shape
from botocore.validate import ParamValidator


@functools.cache
def model() -> ServiceModel:
    return botocore.session.Session().get_service_model("sesv2")


def check(operation: str, params: Any) -> None:
    """Fails where a request is not what the operation takes: also its patterns and longest values."""
    shape = model().operation_model(operation).input_shape
    assert shape is not None
    report = ParamValidator().validate(params, shape)
    assert not report.has_errors(), report.generate_report()
    _check_values(shape, params, operation)


def _check_values(shape: Shape, value: Any, where: str) -> None:
    """botocore looks neither at patterns nor at what is too long."""
    limits = shape.metadata
    if shape.type_name == "structure":
        for name, inner in value.items():
            _check_values(shape.members[name], inner, f"{where}.{name}")
    elif shape.type_name == "list":
        assert len(value) <= limits.get("max", len(value)), where
        for inner in value:
            _check_values(shape.member, inner, where)
    elif isinstance(value, str):
        assert limits.get("min", 0) <= len(value) <= limits.get("max", len(value)), where
        assert re.fullmatch(
            shape.serialization.get("pattern", limits.get("pattern", ".*")), value, re.S
        ), where
        assert value in limits.get("enum", [value]), where


def tag_is_allowed(tag: dict[str, str]) -> bool:
    """What the model tells in words only: https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_MessageTag.html"""
    name = re.fullmatch(r"[A-Za-z0-9_-]{1,256}|ses:feedback-id-[ab]", tag["Name"])
    return name is not None and re.fullmatch(r"[A-Za-z0-9_-]{1,256}", tag["Value"]) is not None
