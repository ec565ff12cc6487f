"""No page is forgotten: every route is pictured or left out with a reason, and the pages fit the narrowest windows."""

from __future__ import annotations

from tests.web.every_page import HOUSES, LOOKS, NOT_PICTURED, SCENES, unpictured
from tests.web.test_roles import TABLE


def test_every_route_is_pictured_or_left_out_with_a_reason() -> None:
    assert unpictured() == set(), "a line in LOOKS or in NOT_PICTURED"


def test_nothing_is_left_out_that_there_is_not() -> None:
    known = {route.removeprefix("GET ") for route in TABLE if route.startswith("GET ")}
    assert NOT_PICTURED.keys() <= known
    assert {look.route for look in LOOKS if look.route} <= known


def test_every_look_has_a_name_of_its_own_and_a_scene() -> None:
    assert len({look.name for look in LOOKS}) == len(LOOKS)
    assert {look.scene for look in LOOKS} <= {name for name, _, _ in SCENES}
    assert {house for _, house, _ in SCENES} == HOUSES.keys()
