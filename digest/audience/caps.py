"""How often anybody may ask, and how many confirmation mails may go: numbers, and the mailboxes without one.

The spans begin anywhere: five in an hour are five in any sixty minutes.
"""

from __future__ import annotations

import datetime as dt

from digest import limits
from digest.limits import DomainLimit, DomainLimits, Limit

HOUR, DAY, MONTH = dt.timedelta(hours=1), dt.timedelta(days=1), dt.timedelta(days=30)

#: Sign-ups from one address of the internet (IPv6: one /64), and from its neighbourhood (/24, /48).
PER_ASKER = ((5, HOUR), (20, DAY))
PER_NETWORK = ((30, HOUR), (120, DAY))
#: How often one filled-in page may be sent: a second press is no crime, a thousandth is.
PER_STAMP = ((3, DAY),)
#: A proof of work is good once.
PER_PROOF = ((1, DAY),)
#: Confirmation mails to one address, for each newsletter and for all of them together.
PER_NEWSLETTER = ((1, DAY), (3, MONTH))
PER_ADDRESS = ((5, DAY),)
#: Confirmation mails to one recipient domain that is none of the large ones.
PER_DOMAIN = ((60, HOUR),)

#: Above so many times the week's mean of an hour something is going on.
TIMES_THE_MEAN = 10

#: Other mailboxes of many: their domain says nothing about who is behind a storm.
_MORE = (
    "proton.*", "protonmail.*", "fastmail.*", "zoho.*", "hey.com", "duck.com", "tuta.*",
    "tutanota.*", "posteo.de", "mailbox.org", "t-online.de", "freenet.de", "free.fr", "sfr.fr",
    "laposte.net", "libero.it", "virgilio.it", "tiscali.it", "alice.it", "telefonica.net",
    "bluewin.ch", "ziggo.nl", "kpnmail.nl", "telenet.be", "skynet.be", "seznam.cz", "wp.pl",
    "o2.pl", "onet.pl", "interia.pl", "comcast.net", "verizon.net", "att.net", "sbcglobal.net",
    "bellsouth.net", "cox.net", "charter.net", "btinternet.com", "sky.com", "virginmedia.com",
    "bigpond.com", "optusnet.com.au", "rogers.com", "shaw.ca", "yandex.*", "ya.ru", "mail.ru",
    "bk.ru", "rambler.ru", "qq.com", "163.com", "126.com", "naver.com", "daum.net", "uol.com.br",
    "terra.com.br", "bol.com.br", "rediffmail.com",
)  # fmt: skip
_ANY = (Limit(3600, 1),)
_LARGE = DomainLimits(
    tuple(
        DomainLimit(name, patterns, _ANY)
        for name, patterns in {**limits.MAILBOXES, "others": _MORE}.items()
    )
)


def is_large(domain: str) -> bool:
    """True for the domains of mailboxes that millions have, where many sign-ups mean nothing."""
    return _LARGE.group(domain) is not None
