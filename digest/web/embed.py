"""The snippet for other sites: one plain form, and a script of ours that makes it quicker."""

from __future__ import annotations

from html import escape

from digest.schedules import Schedule
from digest.web import door
from digest.web.speech import Speech


def snippet(schedule: Schedule, speech: Speech, *, public_url: str) -> str:
    """HTML for any page. The form works without its script, with one press more on our own page.

    The wording beside the button is what a reader agrees to; the script brings it up to date.
    """
    said = speech.gettext
    url, key = escape(public_url), escape(schedule.key)
    wait, words = escape(said("One moment, please …")), escape(door.wording(schedule, speech))
    return f"""\
<form action="{url}/embed/{key}" method="post" lang="{speech.tag}" dir="{speech.direction}"
  data-sign-up="{url}/api/subscribe/{key}" data-sign-up-here data-wait="{wait}">
  <label>{escape(said("Your email address"))}
    <input name="address" type="email" autocomplete="email" required maxlength="254" dir="ltr"></label>
  <label hidden>{escape(said("Leave this empty"))}
    <input name="nothing" tabindex="-1" autocomplete="off"></label>
  <button type="submit">{escape(said("Subscribe"))}</button>
  <p><small data-wording>{words}</small></p>
</form>
<script src="{url}/static/js/sign-up.js" defer></script>
"""
