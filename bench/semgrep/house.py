"""What each rule of house.yml must find, and what it must not. Nothing here is ever run."""

import asyncio
import os
import pickle
import subprocess
import urllib.request

import httpx
import jinja2
import yaml
from markupsafe import Markup
from sqlalchemy import text


@router.get("/a")
def reads_and_writes(house):
    # ruleid: get-changes-state
    with house.database.write() as session:
        session.add(1)


@router.api_route("/a", methods=SAFE)
async def writes_a_file(path):
    # ruleid: get-changes-state
    path.write_text("x")


@router.get("/a")
def only_reads(house):
    # ok: get-changes-state
    with house.database.read() as session:
        return session.get(1)


@router.post("/a")
def may_write(house):
    # ok: get-changes-state
    with house.database.write() as session:
        session.add(1)


def statements(session, name, value):
    # ruleid: sql-of-strings
    session.execute(text(f"SELECT {name}"))
    # ruleid: sql-of-strings
    session.execute("DELETE FROM " + name)
    # ruleid: sql-of-strings
    session.exec_driver_sql("SELECT %s" % name)
    # ruleid: sql-of-strings
    session.execute("SELECT {}".format(name))
    # ok: sql-of-strings
    session.execute(text("SELECT 1 WHERE :a"), {"a": value})
    # ok: sql-of-strings
    session.execute(select(Row).where(Row.id == value))


def templates(name):
    # ruleid: template-without-escaping
    jinja2.Environment()
    # ruleid: template-without-escaping
    jinja2.Environment(autoescape=False)
    # ruleid: template-without-escaping
    jinja2.Template(name)
    # ruleid: template-without-escaping
    Markup(f"<b>{name}</b>")
    # ok: template-without-escaping
    jinja2.Environment(autoescape=True)
    # ok: template-without-escaping
    Markup("<b>{}</b>").format(name)


def shells(words):
    # ruleid: a-shell-runs-it
    subprocess.run(words, shell=True)
    # ruleid: a-shell-runs-it
    os.system(words)
    # ruleid: a-shell-runs-it
    asyncio.create_subprocess_shell(words)
    # ruleid: a-shell-runs-it
    eval(words)
    # ok: a-shell-runs-it
    subprocess.run(["ls"], check=True)


def doors(url):
    # ruleid: out-by-another-door
    httpx.get(url)
    # ruleid: out-by-another-door
    urllib.request.urlopen(url)
    # ok: out-by-another-door
    fetch(url)


def formats(data):
    # ruleid: unpickled
    pickle.loads(data)
    # ruleid: unpickled
    yaml.load(data)
    # ok: unpickled
    yaml.safe_load(data)
