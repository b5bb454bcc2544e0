"""Exports of past posts: columns by their names, times that say whose clock it was, and every fault."""

import pytest

from analytics.past.reading import read_past
from domain.errors import UsageError

META = (
    "Post ID,Account name,Publish time,Post type,Permalink,Reactions,Comments,Shares\n"
    '1,Toko,01/25/2026 21:30,Photos,https://x,"1,200",1,2\n'
)


def test_an_export_of_meta_is_recognised_once_its_clock_is_named() -> None:
    [row] = read_past(META.encode(), zone="Asia/Jakarta").rows

    assert row.at.isoformat() == "2026-01-25T14:30:00+00:00"
    assert (row.slot, row.kind, row.engagement, row.account, row.remote) == (
        6 * 24 + 21,
        "photos",
        1203,
        "Toko",
        "1",
    )
    assert "neither zone nor offset" in read_past(META.encode()).faults[0].sentence


X = (
    "Post id,Date,Post text,Post Link,Impressions,Likes,Engagements,Bookmarks,Shares,New follows,Replies,"
    "Reposts\n"
    '1866600000000000000,"Tue, Dec 10, 2024",Kopi,https://x.com/toko/status/1866600000000000000,5,3,99,0,7,0,'
    "2,4\n"
)
LINKEDIN = (
    '"Posts of your page, all of them",,,,\n'
    "Post title,Post link,Post type,Created date,Impressions,Likes,Comments,Reposts\n"
    "Kopi,https://www.linkedin.com/feed/update/urn:li:activity:7270000000000000000,Image,12/04/2024,9,3,2,1\n"
)


@pytest.mark.parametrize(
    ("text", "export", "at", "engagement"),
    [
        (X, "X analytics", "2024-12-10T21:44:54", 9),
        (LINKEDIN, "LinkedIn", "2024-12-04T09:04:30", 6),
    ],
)
def test_where_an_export_names_only_days_the_number_of_a_post_tells_its_hour(
    text: str, export: str, at: str, engagement: int
) -> None:
    past = read_past(text.encode())

    assert (past.columns.export, past.faults) == (export, ())
    assert past.rows[0].at.isoformat(timespec="seconds") == f"{at}+00:00"
    assert past.rows[0].engagement == engagement


def test_a_number_that_says_another_day_than_its_row_is_a_fault() -> None:
    [fault] = read_past(X.replace("Tue, Dec 10, 2024", "Sun, Dec 1, 2024").encode()).faults

    assert fault.sentence == (
        "The row names 'Sun, Dec 1, 2024', and the number of the post 2024-12-10. Correct it."
    )


def test_posts_that_lead_to_the_same_article_are_different_posts() -> None:
    text = (
        "time,link,likes\n2026-01-05T09:00Z,https://x.example/a,1\n2026-01-06T09:00Z,https://x.example/a,1\n"
    )

    first, second = read_past(text.encode()).rows

    assert first.key() != second.key()


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("created_utc,score\n1420070400,5\n", "2015-01-01T00:00:00"),
        ("Date (GMT),Likes\n4/22/2018 6:00,5\n", "2018-04-22T06:00:00"),
        ("Tweet id,time,likes\n1,2018-04-22 06:00 +0000,3\n", "2018-04-22T06:00:00"),
        ("Date,Time,Likes,tz\n2026-01-05,09:00,5,Asia/Jakarta\n", "2026-01-05T02:00:00"),
        ("posted;suka\n2026-01-05 09:00 WIB;5\n", "2026-01-05T02:00:00"),
        ("created_at,favorite_count\nWed Mar 27 10:00:00 +0000 2024,5\n", "2024-03-27T10:00:00"),
        ("date,likes\n5 Jan 2026 09:00 UTC,5\n", "2026-01-05T09:00:00"),
    ],
)
def test_the_time_is_found_in_the_forms_that_exports_use(text: str, at: str) -> None:
    past = read_past(text.encode())

    assert past.faults == ()
    assert past.rows[0].at.isoformat() == f"{at}+00:00"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("time,likes\n03/04/2026 09:00,1\n", "whether day or month comes first"),
        ("time,likes\n13/04/2026 09:00,1\n04/13/2026 09:00,1\n", "Day and month change places"),
        ("time,likes\n4/22/2018 6:00,1\n4/13/18 7:00,1\n", "more than one way"),
        ("", "The file is empty"),
        ("time,likes\n", "no posts"),
    ],
)
def test_a_file_whose_dates_are_not_clear_is_refused(text: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        read_past(text.encode())


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ("2026-01-05", "names a day and no hour"),
        ("2026-01-05 09:00 EST", "may mean more than one zone"),
        ("2026-02-30T09:00Z", "Cannot read the time"),
    ],
)
def test_a_time_that_is_not_clear_is_a_fault_of_its_row(cell: str, says: str) -> None:
    [fault] = read_past(f"time,likes\n{cell},1\n".encode()).faults

    assert (fault.row, says in fault.sentence) == (2, True)
