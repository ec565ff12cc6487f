"""Exports of other systems in the layouts that they write, of readers who are nobody.

Each is (file name, text, what each row says: address → standing). Made after the systems' own documentation
and source: see digest/audience/layouts.py.
"""

from __future__ import annotations

MAILCHIMP = "Email Address,First Name,Last Name,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,LATITUDE,LONGITUDE,GMTOFF,DSTOFF,TIMEZONE,CC,REGION,LAST_CHANGED,LEID,EUID,NOTES,TAGS"
_GONE = MAILCHIMP.replace(
    "LAST_CHANGED",
    "UNSUB_TIME,UNSUB_CAMPAIGN_TITLE,UNSUB_CAMPAIGN_ID,UNSUB_REASON,UNSUB_REASON_OTHER",
)
_CLEAN = MAILCHIMP.replace("LAST_CHANGED", "CLEAN_TIME,CLEAN_CAMPAIGN_TITLE,CLEAN_CAMPAIGN_ID")

SAMPLES: dict[str, tuple[str, str, dict[str, str]]] = {
    "mailchimp": (
        "subscribed_email_audience_export_0f1e2d.csv",
        f"""{MAILCHIMP}
ann@r.example,Ann,Lee,2,2019-03-01 10:00:00,198.51.100.7,2019-03-01 10:05:00,198.51.100.7,52.5,13.4,1,2,Europe/Berlin,DE,BE,2024-01-01 00:00:00,11,aa,,\"\"\"Editors\"\",\"\"Early, birds\"\"\"
ben@r.example,,,2,2020-02-02 00:00:00,,2020-02-02 00:00:00,,,,,,,,,2020-02-02 00:00:00,12,ab,,
""",
        {"ann@r.example": "active", "ben@r.example": "active"},
    ),
    "mailchimp, unsubscribed": (
        "unsubscribed_email_audience_export_0f1e2d.csv",
        f"{_GONE}\nann@r.example,Ann,Lee,2,2019-03-01 10:00:00,,2019-03-01 10:05:00,,,,,,,,,2021-05-05 05:05:05,May,c1,NORMAL,,11,aa,,\n",
        {"ann@r.example": "unsubscribed"},
    ),
    "mailchimp, cleaned": (
        "cleaned_email_audience_export_0f1e2d.csv",
        f"{_CLEAN}\nann@r.example,Ann,Lee,1,2019-03-01 10:00:00,,2019-03-01 10:05:00,,,,,,,,,2021-05-05 05:05:05,May,c1,11,aa,,\n",
        {"ann@r.example": "bounced"},
    ),
    "mailchimp, nonsubscribed": (
        "nonsubscribed_email_audience_export_0f1e2d.csv",
        f"{MAILCHIMP}\nann@r.example,Ann,Lee,2,,,,,,,,,,,,2021-05-05 05:05:05,11,aa,,\n",
        {"ann@r.example": "stranger"},
    ),
    "mailchimp, in German": (
        "subscribed_email_audience_export_0f1e2d.csv",
        MAILCHIMP.replace(
            "Email Address,First Name,Last Name", "Deine E-Mail Adresse,Vorname,Nachname"
        )
        + "\nann@r.example,Änn,Lee,2,2019-03-01 10:00:00,,2019-03-01 10:05:00,,,,,,,,,,11,aa,,\n",
        {"ann@r.example": "active"},
    ),
    "substack, old": (
        "email_list.csv",
        """email,active_subscription,expiry,email_disabled,prefer_digests,created_at
ann@r.example,true,2025-07-06T16:20:44.000Z,false,false,2018-08-27T15:06:27.713Z
ben@r.example,true,2025-07-06T16:20:44.000Z,true,false,2018-08-27T15:06:27.713Z
""",
        {"ann@r.example": "active", "ben@r.example": "unsubscribed"},
    ),
    "substack": (
        "email_list.the-gazette.csv",
        """email,active_subscription,expiry,plan,email_disabled,digest_enabled,created_at,first_payment_at,type
ann@r.example,FALSE,,other,FALSE,FALSE,2021-03-01T00:00:00.000Z,,
ben@r.example,TRUE,2025-01-01T00:00:00.000Z,yearly,FALSE,FALSE,2021-03-01T00:00:00.000Z,,comp
cid@r.example,TRUE,2025-01-01T00:00:00.000Z,yearly,TRUE,FALSE,2021-03-01T00:00:00.000Z,,paid
""",
        {"ann@r.example": "active", "ben@r.example": "active", "cid@r.example": "unsubscribed"},
    ),
    "ghost": (
        "the-gazette.ghost.2026-11-01.csv",
        """id,email,name,note,subscribed_to_emails,complimentary_plan,stripe_customer_id,created_at,deleted_at,labels,tiers
62f0,ann@r.example,Ann Lee,"likes, commas",true,false,,2021-03-01T00:00:00.000Z,,"vip,press",Free
62f1,ben@r.example,Ben,,false,false,,2021-03-01T00:00:00.000Z,,,
62f2,cid@r.example,Cid,,,false,,2021-03-01T00:00:00.000Z,,,
62f3,dee@r.example,Dee,,true,false,,2021-03-01T00:00:00.000Z,2024-01-01T00:00:00.000Z,,
""",
        {
            "ann@r.example": "active",
            "ben@r.example": "unsubscribed",
            "cid@r.example": "active",
            "dee@r.example": "unsubscribed",
        },
    ),
    "listmonk": (
        "subscribers.csv",
        """uuid,email,name,attributes,status,created_at,updated_at
9a-1,ann@r.example,Ann,"{""city"": ""Bengal\\u016bru"", ""said"": ""\\""hi\\"" ok""}",enabled,2021-03-01 00:00:00.123456 +0000 UTC,2021-03-01 00:00:00 +0000 UTC
9a-2,ben@r.example,Ben,{},disabled,2021-03-01 00:00:00.123456 +0000 UTC,2021-03-01 00:00:00 +0000 UTC
9a-3,cid@r.example,Cid,{},blocklisted,2021-03-01 00:00:00.123456 +0000 UTC,2021-03-01 00:00:00 +0000 UTC
""",
        {"ann@r.example": "active", "ben@r.example": "unsubscribed", "cid@r.example": "blocked"},
    ),
    "buttondown": (
        "2026-11-01-subscribers.csv",
        "id,email_address,notes,creation_date,type,unsubscription_date,undeliverability_date,tags,metadata,source,ip_address\n"
        + "".join(
            f"sub_{n},{kind}@r.example,,2021-03-01T00:00:00Z,{kind},,,a;b,{{}},form,192.0.2.7\n"
            for n, kind in enumerate(
                [
                    "regular",
                    "premium",
                    "gifted",
                    "trialed",
                    "churning",
                    "churned",
                    "past_due",
                    "paused",
                    "unactivated",
                    "unpaid",
                    "upcoming",
                    "unsubscribed",
                    "removed",
                    "blocked",
                    "complained",
                    "undeliverable",
                    "something",
                ]
            )
        ),
        {
            **dict.fromkeys(
                (
                    f"{kind}@r.example"
                    for kind in [
                        "regular",
                        "premium",
                        "gifted",
                        "trialed",
                        "churning",
                        "churned",
                        "past_due",
                        "paused",
                    ]
                ),
                "active",
            ),
            **dict.fromkeys(
                ("unactivated@r.example", "unpaid@r.example", "upcoming@r.example"), "pending"
            ),
            "unsubscribed@r.example": "unsubscribed",
            "removed@r.example": "unsubscribed",
            "blocked@r.example": "blocked",
            "complained@r.example": "complained",
            "undeliverable@r.example": "bounced",
            "something@r.example": "unknown status",
        },
    ),
    "buttondown, without types": (
        "subscribers.csv",
        """email_address,creation_date,unsubscription_date,undeliverability_date
ann@r.example,2021-03-01T00:00:00Z,,
ben@r.example,2021-03-01T00:00:00Z,2022-03-01T00:00:00Z,
cid@r.example,2021-03-01T00:00:00Z,,2022-03-01T00:00:00Z
""",
        {"ann@r.example": "active", "ben@r.example": "unsubscribed", "cid@r.example": "bounced"},
    ),
    "kit": (
        "subscribers.csv",
        """id,first_name,email_address,state,created_at,tags
1,Ann,ann@r.example,active,2021-03-01 00:00:00 UTC,"one, two"
2,Ben,ben@r.example,inactive,2021-03-01 00:00:00 UTC,
3,Cid,cid@r.example,cancelled,2021-03-01 00:00:00 UTC,
4,Dee,dee@r.example,bounced,2021-03-01 00:00:00 UTC,
5,Eve,eve@r.example,complained,2021-03-01 00:00:00 UTC,
""",
        {
            "ann@r.example": "active",
            "ben@r.example": "pending",
            "cid@r.example": "unsubscribed",
            "dee@r.example": "bounced",
            "eve@r.example": "complained",
        },
    ),
    "beehiiv": (
        "subscribers_export.csv",
        """email,First Name,Last Name,status,tier,created_at,stripe_customer_id,Free Tier,unsubscribed_at
ann@r.example, Ann ,Lee,active,free,2023-03-24 10:23:10 UTC,,Yes,
ben@r.example,,,inactive,free,2023-03-24 10:23:10 UTC,,Yes,
cid@r.example,,,pending,free,2023-03-24 10:23:10 UTC,,Yes,
dee@r.example,,,active,premium,2023-03-24 10:23:10 UTC,,No,2024-03-13 11:33:53 UTC
eve@r.example,,,validating,free,2023-03-24 10:23:10 UTC,,Yes,
""",
        {
            "ann@r.example": "active",
            "ben@r.example": "unsubscribed",
            "cid@r.example": "pending",
            "dee@r.example": "unsubscribed",
            "eve@r.example": "pending",
        },
    ),
    "mailpoet": (
        "MailPoet_export_ab12.csv",
        """\ufeff"Email","First name","Last name","Subscription IP","Subscription time","Confirmation time","Confirmation IP","List status","Global status","List"
"ann@r.example","Ann \\"A, B\\"","Lee","192.0.2.8","2021-03-01 00:00:00","2021-03-02 00:00:00","192.0.2.8","subscribed","subscribed","News"
"ben@r.example","Ben","","192.0.2.8","2021-03-01 00:00:00","","","subscribed","unconfirmed","News"
"cid@r.example","Cid","","","2021-03-01 00:00:00","","","unsubscribed","subscribed","News"
"dee@r.example","Dee","","","2021-03-01 00:00:00","","","subscribed","bounced","News"
"eve@r.example","Eve","","","2021-03-01 00:00:00","","","subscribed","inactive","News"
"fay@r.example","Fay","","","2021-03-01 00:00:00","","","unsubscribed","bounced","News"
""",
        {
            "ann@r.example": "active",
            "ben@r.example": "pending",
            "cid@r.example": "unsubscribed",
            "dee@r.example": "bounced",
            "eve@r.example": "inactive",
            "fay@r.example": "unsubscribed",
        },
    ),
    "csv": (
        "leser.csv",
        "Name;E-Mail;Status;Angemeldet am\nLee, Änn;ann@r.example;Bestätigt;01.03.2021 10:00\nBen;ben@r.example;Abgemeldet;\nCid;cid@r.example;Unbestätigt;\n",
        {"ann@r.example": "active", "ben@r.example": "unsubscribed", "cid@r.example": "pending"},
    ),
}
