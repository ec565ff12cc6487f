"""What the security of the house rests on, read from its source: what linters of others find, and rules of our own.

GET changes nothing, as far as its own module shows (`tests/web/test_safe_methods.py` looks at what really happens); SQL is
made of names of ours and in listed places only; every template is filled where values are escaped or boxed in.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.test_house import MODULES, ROOT

#: Nothing of the program runs here.
pytestmark = pytest.mark.no_cover

#: What changes rows, files or mail, by the last name of the call.
CHANGING = {"write", "write_text", "write_bytes", "unlink", "rename", "mkdir", "rmtree"}
#: GET handlers that reach one of these, each with the reason.
MAY_CHANGE = {
    "digest/web/arms.py:seen": "the point of an A/B test by opens adds to a sum, where that test runs",
}

#: Calls whose first argument is a statement in SQL.
OF_SQL = {"text", "execute", "exec_driver_sql", "executescript", "executemany"}
#: Where a statement is put together, each with the reason. Values are bound everywhere.
PUT_TOGETHER = {
    "digest/store/bulk.py": "names of tables and columns of our own, from SQLModel",
    "digest/store/audiences.py": "columns and a condition that stand in it",
    "digest/store/deliveries.py": "an expression for each database that stands in it",
    "digest/store/editors.py": "the name of its own table",
    "digest/store/postgres.py": "two numbers of ours",
    "digest/store/engine.py": "a number of ours",
    "digest/store/snapshots.py": "psycopg's own composition, names as identifiers",
    "digest/store/migrations/versions/0012_sign_up.py": "names that stand in it",
    "digest/store/migrations/versions/0002_sending_at_speed.py": "names that stand in it",
    "digest/store/migrations/versions/0021_audit_chain.py": "names that stand in it",
}

#: The only places that make an environment of Jinja2.
TEMPLATES = {"digest/web/pages.py", "digest/mail/environments.py", "digest/demo/site.py"}


def test_bandit_finds_nothing_of_medium_weight_or_more() -> None:
    command = [sys.executable, "-m", "bandit", "-q", "-ll", "-r", "digest"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]


def test_no_handler_of_a_safe_method_writes() -> None:
    found = {
        f"{name(module)}:{handler}"
        for module in MODULES
        if "web" in module.parts
        for handler in writing_handlers(module.read_text(encoding="utf-8"))
    }
    assert found == set(MAY_CHANGE)


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("@router.get('/a')\ndef a(h):\n    with h.database.write() as s: ...", ["a"]),
        (
            "@router.api_route('/a', methods=SAFE)\ndef a(h):\n    b(h)\ndef b(h):\n    h.write()",
            ["a"],
        ),
        ("@router.api_route('/a', methods=['GET'])\ndef a(h):\n    h.write()", ["a"]),
        ("@router.post('/a')\ndef a(h):\n    h.write()", []),
        ("@router.get('/a')\ndef a(h):\n    h.read()\ndef b(h):\n    h.write()", []),
    ],
)
def test_a_handler_that_writes_is_seen(source: str, found: list[str]) -> None:
    assert writing_handlers(source) == found


def test_sql_is_put_together_in_listed_places_only() -> None:
    found = {
        name(module)
        for module in MODULES
        if put_together(module.read_text(encoding="utf-8")) and name(module).startswith("digest/")
    }
    assert found == set(PUT_TOGETHER)


@pytest.mark.parametrize(
    ("source", "seen"),
    [
        ("session.execute(text(f'SELECT {x}'))", True),
        ("op.execute('DELETE FROM ' + x)", True),
        ("connection.exec_driver_sql('SELECT %s' % x)", True),
        ("connection.exec_driver_sql('SELECT {}'.format(x))", True),
        ("def f():\n    made = f'SELECT {x}'\n    c.exec_driver_sql(made)", True),
        ("session.execute(text('SELECT 1'), {'a': f'{x}'})", False),
        ("session.execute(select(Row).where(Row.id == x))", False),
    ],
)
def test_a_statement_that_is_put_together_is_seen(source: str, seen: bool) -> None:
    assert put_together(source) is seen


def test_templates_are_filled_where_values_are_escaped() -> None:
    found = {name(module) for module in MODULES if environments(module.read_text("utf-8"))}
    assert found == TEMPLATES
    for place in sorted(TEMPLATES):
        for call in environments((ROOT / place).read_text(encoding="utf-8")):
            given = {one.arg: ast.unparse(one.value) for one in call.keywords}
            escapes = given.get("autoescape", "")
            assert escapes == "True" or "select_autoescape(" in escapes, place


def test_every_test_that_the_security_notes_name_is_there() -> None:
    named = re.findall(r"`(tests/[^`\s]+)`", (ROOT / "docs" / "security.md").read_text("utf-8"))
    assert len(named) > 20
    assert not [one for one in named if not (ROOT / one).exists()]


def name(module: Path) -> str:
    return str(module.relative_to(ROOT))


def writing_handlers(source: str) -> list[str]:
    """Handlers of GET that call what changes something, themselves or by way of their own module."""
    tree = ast.parse(source)
    functions = {one.name: one for one in ast.walk(tree) if isinstance(one, _FUNCTIONS)}
    return [key for key, one in functions.items() if _is_safe(one) and _writes(one, functions)]


_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def _is_safe(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    for one in function.decorator_list:
        if isinstance(one, ast.Call) and _last(one.func) in ("get", "head"):
            return True
        if isinstance(one, ast.Call) and _last(one.func) == "api_route":
            methods = [ast.unparse(it.value) for it in one.keywords if it.arg == "methods"]
            return methods == ["SAFE"] or "'GET'" in "".join(methods)
    return False


def _writes(function: ast.AST, known: dict[str, ast.FunctionDef | ast.AsyncFunctionDef]) -> bool:
    seen: set[str] = set()
    ahead = [function]
    while ahead:
        for call in _calls(ahead.pop()):
            last = _last(call.func)
            if last in CHANGING and isinstance(call.func, ast.Attribute):
                return True
            if isinstance(call.func, ast.Name) and last in known and last not in seen:
                seen.add(last)
                ahead.append(known[last])
    return False


def put_together(source: str) -> bool:
    """Whether a statement is made of strings: where it is run, or under a name just before."""
    tree = ast.parse(source)
    made = {
        target.id
        for one in ast.walk(tree)
        if isinstance(one, ast.Assign) and _is_made(one.value)
        for target in one.targets
        if isinstance(target, ast.Name)
    }
    for call in _calls(tree):
        if _last(call.func) in OF_SQL and call.args:
            first = call.args[0]
            if _is_made(first) or (isinstance(first, ast.Name) and first.id in made):
                return True
    return False


def _is_made(node: ast.expr) -> bool:
    if isinstance(node, ast.JoinedStr):
        return any(isinstance(part, ast.FormattedValue) for part in node.values)
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.Add | ast.Mod) and _has_text(node)
    return isinstance(node, ast.Call) and _last(node.func) == "format"


def _has_text(node: ast.AST) -> bool:
    return any(
        isinstance(one, ast.JoinedStr)
        or (isinstance(one, ast.Constant) and isinstance(one.value, str))
        for one in ast.walk(node)
    )


def environments(source: str) -> list[ast.Call]:
    """Calls that make an environment of Jinja2, or a template without one."""
    of_jinja = {"Environment", "NativeEnvironment", "SandboxedEnvironment", "_Sandbox", "Template"}
    if "jinja2" not in source:
        return []
    return [call for call in _calls(ast.parse(source)) if _last(call.func) in of_jinja]


def _calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def _last(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
