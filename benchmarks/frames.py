"""A million rows through `csp_transfer.frames` on lazy Polars, beside the same verdicts as hand-written expressions.

    python benchmarks/frames.py           also pandas, where it and PyArrow are there

Both sides run in this process, in turn, from the same table to the same table; the best of several rounds counts, of
the time and, for a machine that does other things too, of the processor time. They are compared cell by cell first, the
table as drawn and with facts spoilt. By hand means: for GUIDE and one day only, by somebody who knows Polars: words and
verdicts as enums, days as numbers, what is used twice in a column of its own, nothing asked that is not needed.

One row shows what a table costs however small it is: to write the expressions down, and to have them planned.
"""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import polars as pl
from budgets import seconds

sys.path.append(str(Path(__file__).parent.parent / "tests"))
from frame_rows import drawn, table

import csp_transfer as csp
from csp_transfer import frames
from csp_transfer.days import EARLIEST, LATEST

ROUNDS = 9
MANY = 1_000_000
TODAY = date(2026, 3, 1)

GRACE, _, DISABLED, BACKUP = csp.GUIDE.notes.stated_days
SAVED = GRACE + DISABLED  # days after the term; for a suspended one, there are as many
EPOCH = date(1970, 1, 1)
FIRST, LAST, NOW = ((day - EPOCH).days for day in (EARLIEST, LATEST, TODAY))
# From these last days on, no free grace window is in force.
DIRECT, OTHERS = ((day - EPOCH).days for day in (date(2026, 2, 9), date(2026, 5, 4)))
MARCH = EPOCH.toordinal() + 305


def enum(*words: str) -> pl.Enum:
    """Return a type of words."""
    return pl.Enum(words)


CHANNELS = enum(*map(str, csp.Channel))
STATUSES = enum(*map(str, csp.Status))
ENDS = enum(*map(str, csp.TermEnd))
DURATIONS = enum("P1M", "P1Y", "P3Y")
WORDS = {output.name: enum(*output.words) for output in frames.OUTPUTS if output.words}
COUNT = "a count of licences, 0 or more"
DAY = f"a day from {EARLIEST} to {LATEST}"
TEXT = "a text that is not blank"
MOVED = "nothing: a trial is not moved (TRL-001)"
LEFT = "nothing where it is not replaced"
GIVEN = ("new_offer", "new_quantity", "provision_on")
c = pl.col
SPOILT: tuple[tuple[str, Any], ...] = (
    ("id", " "),
    ("offer", None),
    ("quantity", -1),
    ("first_day", date.min),
    ("first_day", TODAY),
    ("last_day", None),
    ("last_day", EARLIEST),
    ("auto_renew", None),
    ("channel", "no channel"),
    ("channel", "WEB_DIRECT"),
    ("status", "no status"),
    ("status", None),
    ("status", "CANCELED"),
    ("trial", True),
    ("assigned", -1),
    ("anchor", date.max),
    ("anchor", TODAY),
    ("renewal_duration", "p1m"),
    ("renewal_duration", "P1D"),
    ("at_term_end", ""),
    ("canceled_on", EARLIEST),
    ("canceled_on", TODAY),
    ("mid_term", "no end"),
    ("mid_term_on", TODAY),
    ("doubted_last_day", c("last_day")),
    *[("doubted_last_day", c("last_day").dt.offset_by("3d"))] * 5,
    ("parent", ""),
    ("parent", c("id")),
    ("replaced", False),
    ("new_offer", " "),
    ("new_offer", c("offer").str.to_lowercase()),
    ("new_quantity", -1),
    ("provision_on", date.max),
    ("provision_on", TODAY),
)
"""Facts that some rows are spoilt with: drawn rows can nearly all be judged, and have no doubted last day."""


def day_number(name: str) -> pl.Expr:
    """Return days as numbers."""
    return c(name).cast(pl.Int32)


def first_of(months: pl.Expr) -> pl.Expr:
    """Return the first day of a month, counted from March of year 0."""
    years = months // 12
    before = (153 * (months - years * 12) + 2) // 5
    return 365 * years + years // 4 - years // 100 + years // 400 + before - MARCH


def month_of(frame: pl.LazyFrame, *names: str) -> pl.LazyFrame:
    """Add the month of each day, and the day in it: quicker than Polars' own year, month and day."""
    frame = frame.with_columns(((c(n) + MARCH) // 146_097).alias(f"{n}_c") for n in names)
    frame = frame.with_columns((c(n) + MARCH - c(f"{n}_c") * 146_097).alias(f"{n}_d") for n in names)
    frame = frame.with_columns(
        ((c(f"{n}_d") - c(f"{n}_d") // 1460 + c(f"{n}_d") // 36_524 - c(f"{n}_d") // 146_096) // 365).alias(
            f"{n}_y"
        )
        for n in names
    )
    frame = frame.with_columns(
        (c(f"{n}_d") - 365 * c(f"{n}_y") - c(f"{n}_y") // 4 + c(f"{n}_y") // 100).alias(f"{n}_n")
        for n in names
    )
    frame = frame.with_columns(((5 * c(f"{n}_n") + 2) // 153).alias(f"{n}_p") for n in names)
    return frame.with_columns(
        *(((c(f"{n}_c") * 400 + c(f"{n}_y")) * 12 + c(f"{n}_p")).alias(f"{n}_month") for n in names),
        *((c(f"{n}_n") - (153 * c(f"{n}_p") + 2) // 5).alias(f"{n}_in") for n in names),
    )


def problems(texts: Sequence[str]) -> pl.Expr:
    """Return the texts whose condition, a column of its own, holds in a row: put together only where one does."""
    bad = ~c("ok")
    said = (pl.when(c(f"bad_{n}").filter(bad)).then(pl.lit(text)) for n, text in enumerate(texts))
    found = pl.concat_str(said, separator="; ", ignore_nulls=True)
    return found.gather(pl.when(bad).then(bad.cum_sum() - 1))


def checked(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Add the facts in types to reckon with, and why a row cannot be judged."""
    frame = frame.with_columns(
        channel_=c("channel").str.to_lowercase().fill_null("csp").cast(CHANNELS, strict=False),
        status_=c("status").str.to_lowercase().fill_null("unknown").cast(STATUSES, strict=False),
        end_=c("at_term_end").str.to_lowercase().cast(ENDS, strict=False),
        mid_=c("mid_term").str.to_lowercase().cast(ENDS, strict=False),
        duration_=c("renewal_duration").str.to_uppercase().cast(DURATIONS, strict=False),
        f=day_number("first_day"),
        l=day_number("last_day"),
        a=day_number("anchor"),
        k=day_number("canceled_on"),
        m=day_number("mid_term_on"),
        d=day_number("doubted_last_day"),
        p=day_number("provision_on"),
        u=c("cancellation_allowed_until").dt.date().cast(pl.Int32),
        trial_=c("trial").fill_null(value=False),
        legacy_=c("legacy").fill_null(value=False),
        extended_=c("extended").fill_null(value=False),
        whole_=c("length_known").fill_null(value=True),
        replaced_=c("replaced").fill_null(value=True),
        twin_=c("equivalent").fill_null(value=False),
        renew_=c("auto_renew").fill_null(value=False),
    )

    def bad(day: str) -> pl.Expr:
        return ~c(day).is_between(FIRST, LAST)

    def blank(name: str) -> pl.Expr:
        return c(name).str.strip_chars() == ""

    def misspelt(name: str, typed: str, words: pl.Enum) -> tuple[str, str, pl.Expr]:
        wrong = c(name).is_not_null() & c(typed).is_null()
        return name, f"one of {', '.join(words.categories)}", wrong

    unread = [
        ("id", TEXT, blank("id").fill_null(value=True)),
        ("offer", TEXT, blank("offer").fill_null(value=True)),
        ("quantity", COUNT, (c("quantity") < 0).fill_null(value=True)),
        ("first_day", DAY, bad("f").fill_null(value=True)),
        ("last_day", DAY, bad("l").fill_null(value=True)),
        ("auto_renew", "True or False", c("auto_renew").is_null()),
        misspelt("channel", "channel_", CHANNELS),
        misspelt("status", "status_", STATUSES),
        ("assigned", COUNT, c("assigned") < 0),
        ("anchor", DAY, bad("a")),
        misspelt("renewal_duration", "duration_", DURATIONS),
        misspelt("at_term_end", "end_", ENDS),
        ("cancellation_allowed_until", f"an instant with a time zone, from {EARLIEST} to {LATEST}", bad("u")),
        ("canceled_on", DAY, bad("k")),
        misspelt("mid_term", "mid_", ENDS),
        ("mid_term_on", DAY, bad("m")),
        ("doubted_last_day", DAY, bad("d")),
        ("parent", TEXT, blank("parent")),
        ("new_offer", TEXT, blank("new_offer")),
        ("new_quantity", COUNT, c("new_quantity") < 0),
        ("provision_on", DAY, bad("p")),
    ]
    canceled, termed = c("status_") == "canceled", c("read") & (c("l") >= c("f"))
    contradicting = [
        ("last_day", "a day not before the first", c("read") & (c("l") < c("f"))),
        ("anchor", "a day up to the first day of the term", termed & (c("a") > c("f"))),
        ("canceled_on", "no day unless the status is canceled", termed & c("k").is_not_null() & ~canceled),
        ("canceled_on", "a day of the term", termed & canceled & ~c("k").is_between("f", "l")),
        (
            "mid_term_on",
            "no day unless mid_term says what happens",
            termed & c("m").is_not_null() & c("mid_").is_null(),
        ),
        ("doubted_last_day", "a day after the last day", termed & (c("d") <= c("l"))),
        (
            "parent",
            "the id of another subscription",
            termed & (c("parent").str.to_lowercase() == c("id").str.to_lowercase()),
        ),
        *((name, MOVED, c("read") & c(name).is_not_null() & c("trial_")) for name in GIVEN),
        *((name, LEFT, c("read") & c(name).is_not_null() & ~c("trial_") & ~c("replaced_")) for name in GIVEN),
    ]
    to_come = [("canceled_on", "a day up to as_of", c("sound") & (c("k") > NOW))]
    texts: list[str] = []
    right = pl.lit(value=True)
    for name, stage in (("read", unread), ("sound", contradicting), ("ok", to_come)):
        named = {f"bad_{n}": condition for n, (_, _, condition) in enumerate(stage, len(texts))}
        wrong = pl.any_horizontal(*named).fill_null(value=False)
        frame = frame.with_columns(**named).with_columns((right & ~wrong).alias(name))
        texts += (f"{column}: expected {accepted}" for column, accepted, _ in stage)
        right = c(name)
    return frame.with_columns(csp_reason=problems(texts))


def renewed(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Add the term that runs, and how many days earlier it would end if stepped from term to term."""
    status, end = c("status_"), c("end_")
    goes_on = pl.when(end.is_null()).then(c("renew_")).otherwise(~end.is_in(["cancel", "expire"]))
    frame = frame.with_columns(
        origin=c("a").fill_null(c("f")),
        ended=c("l") < NOW,
        n=c("l") + 1,
        goes_on=goes_on,
        renews=(end.is_null() & c("renew_")) | (end == "renew").fill_null(value=False),
        unclear=status.is_in(["none", "pending", "unknown"]),
        active=status == "active",
        suspended=status == "suspended",
    ).with_columns(
        runs_on=c("extended_")
        & (end.is_null() | (end == "extend"))
        & (c("active") | c("suspended"))
        & ~c("trial_")
    )
    frame = month_of(frame, "origin", "f", "n")
    when = month_of(pl.LazyFrame({"now": [NOW]}), "now").collect()
    now_month, now_in = int(when["now_month"][0]), int(when["now_in"][0])
    now_ends = int(month_of(pl.LazyFrame({"t": [NOW + 1]}), "t").collect()["t_in"][0]) == 0

    def steps(day: str) -> pl.Expr:
        shorter = (c(f"{day}_in") < c("origin_in")) & (c(day) + 1 == first_of(c(f"{day}_month") + 1))
        return (c(f"{day}_in") == c("origin_in")) | shorter

    frame = frame.with_columns(f_steps=steps("f"), n_steps=steps("n"), months=c("n_month") - c("f_month"))
    derived = c("whole_") & c("f_steps") & c("n_steps") & c("months").is_in([1, 12, 36])
    frame = frame.with_columns(
        length=pl.when(c("duration_") == "P1M")
        .then(1)
        .when(c("duration_") == "P1Y")
        .then(12)
        .when(c("duration_") == "P3Y")
        .then(36)
        .when(derived)
        .then(c("months")),
        day=pl.when(c("n_steps")).then(c("origin_in")).otherwise(c("n_in")),
    )
    over = c("ended") & c("goes_on") & ~c("trial_") & ~c("runs_on")
    frame = frame.with_columns(
        later=over & c("active") & c("renews") & c("length").is_not_null(),
        unknown=over
        & (c("unclear") | c("suspended") | (c("active") & (~c("renews") | c("length").is_null()))),
        length=c("length").fill_null(1),
    )
    frame = frame.with_columns(fewest=((now_month - c("n_month")) // c("length")).clip(1))
    frame = frame.with_columns(guess=c("n_month") + c("length") * c("fewest"))
    started = (c("day") <= now_in) | now_ends
    behind = (c("guess") < now_month) | ((c("guess") == now_month) & started)
    frame = frame.with_columns(
        times=pl.when(~c("renew_")).then(1).when(behind).then(c("fewest") + 1).otherwise(c("fewest"))
    ).with_columns(to=c("n_month") + c("length") * c("times"))
    frame = frame.with_columns(start=c("to") - c("length"))
    frame = frame.with_columns(
        start_at=first_of(c("start")),
        start_by=first_of(c("start") + 1) - 1,
        to_at=first_of(c("to")),
        to_by=first_of(c("to") + 1) - 1,
    )
    frame = frame.with_columns(
        rf=pl.when(c("later"))
        .then(pl.min_horizontal(c("start_at") + c("day"), "start_by"))
        .otherwise(c("f")),
        next=pl.min_horizontal(c("to_at") + c("day"), "to_by"),
        year=c("to") // 12,
    )
    frame = frame.with_columns(
        rl=pl.when(c("later")).then(c("next") - 1).otherwise(c("l")),
        month=c("to") - c("year") * 12,
    )
    # The shortest month that a monthly term has stepped through; a longer term only ever loses a leap day.
    february = (c("month") + 1) % 12
    year = c("year") + (c("month") == 11)
    leap = (year // 4 * 4 == year) & ((year // 100 * 100 != year) | (year // 400 * 400 == year))
    of_30 = [1, 3, 6, 8]
    fits = (
        pl.when(((february < c("times")) & ~leap) | (february + 12 < c("times")))
        .then(27)
        .when(february < c("times"))
        .then(28)
        .when(
            c("month").is_in(of_30)
            | (c("times") > 2)
            | ((c("times") > 1) & ((c("month") + 11) % 12).is_in(of_30))
        )
        .then(29)
        .otherwise(30)
    )
    lost_day = (c("n_in") == 28) & (c("month") == 11)
    stepped = (
        pl.when(c("length") == 1)
        .then(pl.min_horizontal("n_in", fits))
        .when(lost_day)
        .then(27)
        .otherwise(c("n_in"))
    )
    frame = frame.with_columns(
        shorter=pl.when(c("later")).then(c("next") - c("to_at") - stepped).otherwise(0),
        longest=pl.when(c("later")).then(c("rl")).otherwise(c("d").fill_null(c("rl"))),
        r_goes_on=pl.when(c("later")).then(c("renew_")).otherwise(c("goes_on")),
    )
    return frame.with_columns(disputed=c("shorter") > 0, known=c("ok") & ~c("unknown"))


def states(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Add what is left after the term, the last safe day, and whether the status contradicts the dates."""
    status = c("status_")
    frame = frame.with_columns(
        alive=c("active") | (status == "expired"),
        disabled=status == "disabled",
        deleted=status == "deleted",
        canceled=status == "canceled",
        contradicted=(status == "expired") & ~c("ended"),
        endless=c("runs_on") | (c("suspended") & c("legacy_")),
        running=c("rl") >= NOW,
        saved=c("rl") >= NOW - SAVED,
    ).with_columns(
        interrupted=c("mid_term").is_not_null() & (c("alive") | c("suspended")),
        out=c("alive") & ~c("trial_") & ~c("runs_on"),
        stopped=c("suspended") & ~c("endless"),
    )
    frame = frame.with_columns(
        dated=c("known") & ~c("contradicted") & ~c("unclear") & ~c("interrupted"),
        deletes=c("out") | c("stopped"),
    ).with_columns(
        asked=c("dated") & ~c("trial_"),
        window=c("dated") & c("out"),
        no_window=c("rl") >= pl.when(c("channel_") == "web_direct").then(DIRECT).otherwise(OTHERS),
        in_window=c("rl") >= NOW - GRACE,
    )
    return frame.with_columns(
        outdated=c("asked")
        & ((~c("saved") & (c("deletes") | c("disabled"))) | (~c("in_window") & c("out") & c("active"))),
        grace_last=pl.when(c("window")).then(c("rl") + GRACE).otherwise(c("rl")),
        safe=pl.when(c("window") & ~c("no_window")).then(c("rl") + GRACE).otherwise(c("rl")) - c("shorter"),
    ).with_columns(sure=c("dated") & ~c("outdated"))


def provisioned(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Add from when to when to provision."""
    frame = frame.with_columns(to_come=c("asked") & c("deletes") & c("saved"), safe_still=c("safe") >= NOW)
    frame = frame.with_columns(
        gone=c("asked") & (c("canceled") | c("deleted")),
        in_time=c("to_come") & c("safe_still"),
        saves=c("to_come") & ~c("safe_still"),
        extended_now=c("asked") & c("runs_on") & c("active"),
    ).with_columns(not_sure=c("saves") & c("active") & (c("grace_last") < NOW))
    frame = frame.with_columns(
        late=(c("saves") & ~c("not_sure")) | (c("asked") & (c("disabled") | (c("suspended") & c("endless")))),
        first_after=pl.max_horizontal(c("rl") + 1, pl.lit(NOW, dtype=pl.Int32)),
        until=c("rl") + SAVED,
    ).with_columns(
        timed=c("gone") | c("in_time") | c("extended_now") | c("saves") | c("late"),
        free=c("in_time") & c("window") & (c("first_after") <= c("safe")),
    )
    now = pl.lit(NOW, dtype=pl.Int32)
    return frame.with_columns(
        earliest=pl.when(c("free")).then(c("first_after")).otherwise(now),
        best=pl.when(c("free"))
        .then(c("first_after"))
        .when(c("in_time") & ~c("suspended"))
        .then(c("safe"))
        .otherwise(now),
        latest=pl.when(c("in_time"))
        .then(c("safe"))
        .when(c("saves"))
        .then((c("until") - c("grace_last") + c("safe")).clip(NOW))
        .when(c("late"))
        .then(now),
        doubted=pl.when(c("in_time"))
        .then(c("grace_last") - c("rl") + c("longest"))
        .when(c("saves"))
        .then(c("longest") + SAVED),
    )


def moved(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Add the replacement, the risks and the days paid twice."""
    frame = frame.with_columns(
        planned=c("ok") & c("replaced_") & ~c("trial_"),
        then_=c("new_quantity").fill_null(c("quantity")),
        same=(c("new_offer").str.to_lowercase() == c("offer").str.to_lowercase()).fill_null(value=True),
        day_=c("p").fill_null(c("best")),
    ).with_columns(
        moved=c("planned") & (c("then_") > 0),
        licences=c("planned") & ((c("then_") > 0) | (c("quantity") == 0)),
        has_day=c("planned") & (c("timed") | c("p").is_not_null()),
        short_=(c("then_") < c("assigned")).fill_null(value=False),
        gone_offer=(c("new_discontinued") | (c("same") & c("discontinued"))).fill_null(value=False),
        past=c("day_") - c("rl"),
    )
    frame = frame.with_columns(
        any_=c("ok") & ((c("quantity") > 0) | (c("assigned") > 0).fill_null(value=False) | c("moved")),
        has=c("has_day") & c("sure"),
        since_cancel=c("day_") - c("k"),
    )
    known_day = c("has") & c("k").is_not_null()
    backup_over = known_day & (c("since_cancel") >= BACKUP)
    frame = frame.with_columns(
        lost=c("deleted")
        | (c("canceled") & backup_over)
        | (c("has") & (c("past") > SAVED) & (c("deletes") | c("disabled"))),
        at_risk=c("disabled")
        | c("suspended")
        | (c("canceled") & ~(known_day & (c("since_cancel") < 0)))
        | (c("has") & (c("past") > GRACE) & c("out")),
        unsure=~c("has")
        | c("gone_offer")
        | (c("then_") < c("quantity"))
        | ((c("safe") < c("grace_last")) & (c("day_") > c("safe"))),
    )
    return frame.with_columns(
        breaks=~c("licences") | c("lost") | c("at_risk") | c("short_"),
        may_break=c("unsure") | ~c("same") | (c("then_") > c("quantity")),
        loses=~c("licences") | c("lost"),
        may_lose=c("unsure") | c("at_risk") | c("short_") | ~(c("same") | c("twin_")),
        again=c("licences") & (~c("same") | c("short_") | c("lost")),
        billed=c("any_") & c("licences") & c("has") & (c("active") | c("suspended")),
        twice=c("rl") + 1 - pl.max_horizontal("day_", "origin"),
    )


def by_hand(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Return the frame with the verdicts under GUIDE as of `TODAY`."""
    own = frame.collect_schema().names()
    frame = moved(provisioned(states(renewed(checked(frame)))))
    frame = frame.with_columns(
        portal=c("ok") & (c("channel_") == "web_direct") & ~c("trial_"),
        there=c("sure") & (c("rf") <= NOW),
        stops=c("known")
        & ~c("runs_on")
        & (c("unclear") | c("active") | c("suspended"))
        & c("running")
        & c("r_goes_on"),
        off_by=pl.when(c("disputed")).then((c("rl") - c("shorter")).clip(NOW)).otherwise(c("rl")),
        utc=c("ok") & c("d").is_not_null(),
        rnw=c("ok") & c("disputed"),
        est=c("window") & c("no_window"),
    )
    ok, there = c("ok"), c("there")

    def word(name: str, *branches: tuple[pl.Expr, str]) -> Any:
        (condition, value), *more = branches
        chain: Any = pl.when(condition).then(pl.lit(value, dtype=WORDS[name]))
        for condition, value in more:
            chain = chain.when(condition).then(pl.lit(value, dtype=WORDS[name]))
        return chain

    def days(condition: pl.Expr, value: pl.Expr) -> pl.Expr:
        return pl.when(condition).then(value).cast(pl.Date)

    said = {
        "term_first_day": days(c("known"), c("rf")),
        "term_last_day": days(c("known"), c("rl")),
        "renewed": pl.when(ok).then(c("later") | c("unknown")),
        "state": word(
            "state",
            (there & c("alive") & c("runs_on"), "extended"),
            (there & c("alive") & c("running"), "active"),
            (there & c("suspended") & (c("endless") | c("running")), "suspended"),
            (there & c("out") & c("in_window"), "expired"),
            (there & (c("canceled") | c("deleted")), "deleted"),
            (there & (c("deletes") | c("disabled")) & c("saved"), "disabled"),
            (there & (c("deletes") | c("disabled")), "deleted"),
            (c("outdated") & c("disabled"), "disabled"),
        ),
        "grace_first_day": days(c("window"), c("rl") + 1),
        "grace_last_day": days(c("window"), c("grace_last")),
        "auto_renew_off_by": days(c("stops"), c("off_by")),
        "auto_renew_doubted_day": days(c("stops") & (c("off_by") < c("longest")), c("longest")),
        "provisioning_earliest": days(c("timed"), c("earliest")),
        "provisioning_recommended": days(c("timed"), c("best")),
        "provisioning_latest": days(c("timed"), c("latest")),
        "provisioning_doubted_day": days(c("latest") < c("doubted"), c("doubted")),
        "timing": word(
            "timing",
            (c("in_time") | c("extended_now"), "in_time"),
            (c("late"), "too_late"),
            (c("gone"), "gone"),
            (c("not_sure"), "not_sure"),
        ),
        "moved": pl.when(ok).then(c("moved")),
        "provision_on": days(c("has_day"), c("day_")),
        "disruption": word(
            "disruption",
            (c("any_") & c("breaks"), "certain"),
            (c("any_") & c("may_break"), "possible"),
            (c("any_"), "none"),
        ),
        "data_loss": word(
            "data_loss",
            (c("any_") & c("loses"), "certain"),
            (c("any_") & c("may_lose"), "possible"),
            (c("any_"), "none"),
        ),
        "reassign_licenses": pl.when(c("any_")).then(c("again")),
        "paid_twice_days": pl.when(c("billed") & c("runs_on"))
        .then(1)
        .when(c("billed") & (c("twice") > 0))
        .then(c("twice"))
        .when(c("any_"))
        .then(0)
        .cast(pl.Int64),
        "refund": word("refund", (c("portal"), "credit_possible"), (ok, "no_refund")),
        "handled_by": word("handled_by", (c("portal"), "billing_support")),
        "contact": pl.lit(None, dtype=WORDS["contact"]),
        "best_last_day": days(c("known") & ~c("runs_on"), c("rl")),
        "doubts": word(
            "doubts",
            (c("utc") & c("rnw") & c("est"), "UTC-001, RNW-001, EST-001"),
            (c("utc") & c("rnw"), "UTC-001, RNW-001"),
            (c("utc") & c("est"), "UTC-001, EST-001"),
            (c("utc"), "UTC-001"),
            (c("rnw") & c("est"), "RNW-001, EST-001"),
            (c("rnw"), "RNW-001"),
            (c("est"), "EST-001"),
            (ok, ""),
        ),
        "undated_by": word(
            "undated_by",
            (ok & c("trial_") & c("active") & c("goes_on") & c("ended"), "TRL-001"),
            (ok & (c("unknown") | c("interrupted")), "RNW-001"),
            (ok & (c("contradicted") | (c("outdated") & ~c("disabled"))), "END-004"),
            (ok & c("unclear"), "LIF-001"),
        ),
    }
    return frame.select(*own, "csp_reason", **{f"csp_{name}": value for name, value in said.items()})


def ours(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Return the same by the package."""
    return frames.assess(frame, as_of=TODAY)


def spoilt(rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows of which each fact of `SPOILT` is put into some, and several into a few."""
    number = pl.int_range(pl.len())
    for every, (name, value) in enumerate(SPOILT, 50):
        rows = rows.with_columns(
            pl.when(number % every == 0)
            .then(value if isinstance(value, pl.Expr) else pl.lit(value))
            .otherwise(name)
            .alias(name)
        )
    return rows


def compare(rows: pl.LazyFrame) -> pl.DataFrame:
    """Return the rows with their verdicts; end the benchmark where the two sides differ."""
    one, other = ours(rows).collect(), by_hand(rows).collect()
    for name in one.columns:
        left, right = one[name], other[name]
        if left.dtype != right.dtype or not left.equals(right):
            sys.exit(f"{name}: {left.ne_missing(right).sum()} rows differ; {left.dtype}, {right.dtype}")
    return one


def of_one_row() -> Iterator[tuple[str, float, str]]:
    """Yield what one row takes of the processor's time, beside another way to ask about it, and the budget."""
    some = table(drawn(1, 20)).head(1)
    row = some.lazy()
    days = count(1)

    def on_another_day() -> Any:
        return frames.assess(row, as_of=TODAY + timedelta(days=next(days))).collect()

    again, first, hand = seconds(
        [lambda: ours(row).collect(), on_another_day, lambda: by_hand(row).collect()]
    )
    yield "one row, lazy Polars / by hand", again / hand, "1.5"
    yield "... on a day that was not asked for before / by hand", first / hand, "none"
    try:
        same = some.to_pandas()
    except ImportError as missing:
        print(f"pandas is not asked: {missing}")
        return
    pandas, polars = seconds([lambda: frames.assess(same, as_of=TODAY), lambda: ours(row).collect()])
    yield "one row, pandas / lazy Polars", pandas / polars, "2"


def main() -> None:
    """Compare the two, and print how many times by hand the package takes."""
    some = table(drawn(1, 20_000))
    compare(spoilt(some).lazy())
    many = pl.concat([some] * (MANY // some.height)).with_columns(id=pl.int_range(pl.len()).cast(pl.String))
    lazy = many.lazy()
    added = compare(lazy).width - many.width
    best, busy = [float("inf")] * 2, [float("inf")] * 2
    for _ in range(ROUNDS):
        for side, ask in enumerate((ours, by_hand)):
            start, spent = perf_counter(), process_time()
            ask(lazy).collect()
            best[side] = min(best[side], perf_counter() - start)
            busy[side] = min(busy[side], process_time() - spent)
    print(f"{many.height:,} rows, {added} columns of verdicts, all equal")
    for what, (package, hand) in {"time": best, "processor time of all threads": busy}.items():
        ratio = f"ratio {package / hand:.2f}, budget 1.15"
        print(f"{what}: by hand {hand * 1000:.0f} ms; frames {package * 1000:.0f} ms; {ratio}")
    for what, ratio_of_one, budget in of_one_row():
        print(f"{what}: ratio {ratio_of_one:.2f}, budget {budget}")
    print(f"Polars {pl.__version__}, Python {platform.python_version()}, {pl.thread_pool_size()} threads")


if __name__ == "__main__":
    main()
