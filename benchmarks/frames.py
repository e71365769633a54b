"""A million rows through `csp_transfer.frames` on lazy Polars, beside the same verdicts as hand-written expressions.

    python benchmarks/frames.py

Both sides run in this process, in turn, from the same table to the same table; the best of several rounds counts. They
are compared cell by cell first. By hand means: for GUIDE and one day only, by somebody who knows Polars: words and
verdicts as enums, days as numbers, what is used twice in a column of its own, nothing asked that is not needed.
"""

from __future__ import annotations

import platform
import sys
from datetime import date
from pathlib import Path
from time import perf_counter
from typing import Any

import polars as pl

sys.path.append(str(Path(__file__).parent.parent / "tests"))
from frame_rows import drawn, table

import csp_transfer as csp
from csp_transfer import frames
from csp_transfer.spans import EARLIEST, LATEST

ROUNDS = 9
MANY = 1_000_000
TODAY = date(2026, 3, 1)

GRACE, SUSPENDED, DISABLED, BACKUP = csp.GUIDE.stated_days
EPOCH = date(1970, 1, 1)
FIRST, LAST, NOW = ((day - EPOCH).days for day in (EARLIEST, LATEST, TODAY))
LATER = (date(2026, 5, 4) - EPOCH).days
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
c = pl.col


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


def checked(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Add the facts in types to reckon with, and why a row cannot be judged."""
    frame = frame.with_columns(
        channel_=c("channel").str.to_lowercase().fill_null("csp").cast(CHANNELS, strict=False),
        status_=c("status").str.to_lowercase().fill_null("active").cast(STATUSES, strict=False),
        end_=c("at_term_end").str.to_lowercase().cast(ENDS, strict=False),
        duration_=c("renewal_duration").str.to_uppercase().cast(DURATIONS, strict=False),
        f=day_number("first_day"),
        l=day_number("last_day"),
        a=day_number("anchor"),
        k=day_number("canceled_on"),
        p=day_number("provision_on"),
        u=c("cancellation_allowed_until").dt.date().cast(pl.Int32),
        trial_=c("trial").fill_null(value=False),
        legacy_=c("legacy").fill_null(value=False),
        whole_=c("length_known").fill_null(value=True),
        replaced_=c("replaced").fill_null(value=True),
        twin_=c("equivalent").fill_null(value=False),
        renew_=c("auto_renew").fill_null(value=False),
    )

    def bad(day: str) -> pl.Expr:
        return ~c(day).is_between(FIRST, LAST)

    def blank(name: str) -> pl.Expr:
        return c(name).str.strip_chars() == ""

    def misspelt(name: str, typed: str) -> pl.Expr:
        return c(name).is_not_null() & c(typed).is_null()

    canceled, given = c("status_") == "canceled", ("new_offer", "new_quantity", "provision_on")
    words = {"channel": CHANNELS, "status": STATUSES, "renewal_duration": DURATIONS, "at_term_end": ENDS}
    typed = {
        "channel": "channel_",
        "status": "status_",
        "renewal_duration": "duration_",
        "at_term_end": "end_",
    }
    spelt = {
        name: (name, f"one of {', '.join(words[name].categories)}", misspelt(name, typed[name]))
        for name in words
    }
    reasons = [
        ("id", TEXT, blank("id").fill_null(value=True)),
        ("offer", TEXT, blank("offer").fill_null(value=True)),
        ("quantity", COUNT, (c("quantity") < 0).fill_null(value=True)),
        ("first_day", DAY, bad("f").fill_null(value=True)),
        ("last_day", DAY, bad("l").fill_null(value=True)),
        ("auto_renew", "True or False", c("auto_renew").is_null()),
        spelt["channel"],
        spelt["status"],
        ("assigned", COUNT, c("assigned") < 0),
        ("anchor", DAY, bad("a")),
        spelt["renewal_duration"],
        spelt["at_term_end"],
        ("cancellation_allowed_until", f"an instant with a time zone, from {EARLIEST} to {LATEST}", bad("u")),
        ("canceled_on", DAY, bad("k")),
        ("new_offer", TEXT, blank("new_offer")),
        ("new_quantity", COUNT, c("new_quantity") < 0),
        ("provision_on", DAY, bad("p")),
        ("last_day", "a day not before the first", c("l") < c("f")),
        ("anchor", "a day up to the first day of the term", c("a") > c("f")),
        ("canceled_on", "no day unless the status is canceled", c("k").is_not_null() & ~canceled),
        ("canceled_on", "a day of the term", (c("k") < c("f")) | (c("k") > c("l"))),
        ("canceled_on", "a day up to as_of", c("k") > NOW),
        *((name, MOVED, c(name).is_not_null() & c("trial_")) for name in given),
        *((name, LEFT, c(name).is_not_null() & ~c("replaced_")) for name in given),
    ]
    texts = [f"{name}: expected {accepted}" for name, accepted, _ in reasons]
    kind = enum(*dict.fromkeys(texts))
    why: Any = pl.when(reasons[0][2]).then(pl.lit(texts[0], dtype=kind))
    for text, (_, _, condition) in zip(texts[1:], reasons[1:], strict=True):
        why = why.when(condition).then(pl.lit(text, dtype=kind))
    return frame.with_columns(csp_reason=why).with_columns(ok=c("csp_reason").is_null())


def renewed(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Add the term that runs, and whether stepping from term to term would end on another day."""
    goes_on = pl.when(c("end_").is_null()).then(c("renew_")).otherwise(~c("end_").is_in(["cancel", "expire"]))
    frame = frame.with_columns(
        origin=c("a").fill_null(c("f")),
        ended=c("l") < NOW,
        n=c("l") + 1,
        goes_on=goes_on,
        renews=(c("end_").is_null() & c("renew_")) | (c("end_") == "renew").fill_null(value=False),
        unclear=c("status_").is_in(["none", "pending", "unknown"]),
        active=c("status_") == "active",
        now=pl.lit(NOW, dtype=pl.Int32),
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
    over = c("ended") & c("goes_on") & ~c("trial_")
    frame = frame.with_columns(
        later=over & c("active") & c("renews") & c("length").is_not_null(),
        unknown=over
        & (
            c("unclear")
            | (c("status_") == "suspended")
            | (c("active") & (~c("renews") | c("length").is_null()))
        ),
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
    )
    frame = frame.with_columns(
        rl=pl.when(c("later")).then(c("next") - 1).otherwise(c("l")),
        next_in=c("next") - c("to_at"),
        year=c("to") // 12,
    ).with_columns(month=c("to") - c("year") * 12)
    year = c("year")
    leap = (year // 4 * 4 == year) & ((year // 100 * 100 != year) | (year // 400 * 400 == year))
    short = (
        pl.when((c("length") > 1) & (c("next_in") == 28) & (c("month") == 11))
        .then(1)
        .when(c("length") > 1)
        .then(LAST)
        .when(c("next_in") == 30)
        .then(1)
        .when((c("next_in") == 28) & leap)
        .then(c("month") + 13)
        .otherwise(c("month") + 1)
    )
    return frame.with_columns(
        disputed=c("later") & (c("next_in") >= 28) & ((c("n_in") < c("next_in")) | (c("times") > short)),
        r_ended=c("rl") < NOW,
        r_goes_on=pl.when(c("later")).then(c("renew_")).otherwise(c("goes_on")),
    )


def states(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Add the grace window, the state today, and the days to provision."""
    status = c("status_")
    frame = frame.with_columns(
        runs_out=status.is_in(["active", "expired"]),
        suspended=status == "suspended",
        disabled=status == "disabled",
        deleted=status == "deleted",
        canceled=status == "canceled",
        contradicted=(status == "expired") & ~c("ended"),
        known=c("ok") & ~c("unknown"),
    ).with_columns(
        dated=c("known") & ~c("contradicted") & ~c("unclear"),
        window=c("runs_out") & ~c("trial_"),
    )
    return frame.with_columns(
        window=c("dated") & c("window"),
        one=pl.when(c("disabled"))
        .then(c("rl") + 1 + GRACE + DISABLED)
        .when(c("canceled"))
        .then(c("k"))
        .otherwise(c("rl") + 1),
        two=pl.when(c("suspended")).then(c("rl") + 1 + SUSPENDED + DISABLED).otherwise(c("rl") + 1 + GRACE),
        three=c("rl") + 1 + GRACE + DISABLED,
        gone_at_once=c("deleted") | (c("canceled") & c("k").is_null()),
        k_known=c("canceled") & c("k").is_not_null(),
        kind_out=c("runs_out") & ~c("trial_"),
        kind_trial=c("runs_out") & c("trial_"),
    )


def on(day: pl.Expr) -> dict[str, pl.Expr]:
    """Return in which rows each state is the one of that day."""
    since = day >= c("rf")
    first, second, third = day < c("one"), day < c("two"), day < c("three")
    first = first.fill_null(value=False)
    out, suspended = c("kind_out"), c("suspended")
    after_two = ~first & ~second
    return {
        "active": since & first & (out | c("kind_trial") | c("k_known")),
        "suspended": since & first & suspended,
        "expired": since & ~first & second & out,
        "disabled": since
        & ((first & c("disabled")) | (~first & second & suspended) | (after_two & third & out)),
        "deleted": since
        & (
            c("gone_at_once")
            | (~first & (c("disabled") | c("k_known")))
            | (after_two & suspended)
            | (after_two & ~third & out)
        ),
    }


def provisioned(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Add the state today, and from when to when to provision."""
    today = {f"is_{state}": holds for state, holds in on(pl.lit(NOW)).items()}
    frame = frame.with_columns(**today).with_columns(
        outlived=c("dated") & c("disabled") & c("is_deleted"),
        safe_day=pl.when(c("window")).then(c("rl") + GRACE).otherwise(c("rl")),
        asked=c("dated") & ~c("trial_"),
        dying=c("runs_out") | c("suspended"),
    )
    frame = frame.with_columns(
        gone=c("asked") & (c("canceled") | c("deleted") | (c("dying") & c("is_deleted"))),
        in_time=c("asked") & c("dying") & ~c("is_deleted") & (c("safe_day") >= NOW),
        said_late=c("asked") & c("dying") & ~c("is_deleted") & (c("safe_day") < NOW),
    ).with_columns(
        late=c("said_late") | (c("asked") & c("disabled")),
        in_window=c("in_time") & c("window"),
        from_=pl.max_horizontal(c("rl") + 1, pl.lit(NOW, dtype=pl.Int32)),
    )
    frame = frame.with_columns(timed=c("gone") | c("in_time") | c("late"))
    best = pl.when(c("in_window")).then(c("from_")).when(c("in_time")).then(c("rl")).otherwise(c("now"))
    latest = (
        pl.when(c("in_time"))
        .then(c("safe_day"))
        .when(c("said_late"))
        .then(pl.when(c("suspended")).then(c("two")).otherwise(c("three")) - 1)
        .when(c("late"))
        .then(c("now"))
    )
    return frame.with_columns(
        earliest=pl.when(c("in_window")).then(c("from_")).otherwise(c("now")), best=best, latest=latest
    )


def moved(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Add the replacement, the risks and the days paid twice."""
    frame = frame.with_columns(
        planned=c("ok") & c("replaced_") & ~c("trial_"),
        then_=c("new_quantity").fill_null(c("quantity")),
        same=(c("new_offer").str.to_lowercase() == c("offer").str.to_lowercase()).fill_null(value=True),
        gone_offer=c("discontinued").fill_null(value=False),
        new_gone=c("new_discontinued").fill_null(value=False),
        short_=(c("new_quantity").fill_null(c("quantity")) < c("assigned")).fill_null(value=False),
    ).with_columns(
        chosen=c("planned") & c("p").is_not_null(),
        moved=c("planned") & (c("then_") > 0),
        licences=c("planned") & ((c("then_") > 0) | (c("quantity") == 0)),
        day_=c("p").fill_null(c("best")),
    )
    frame = frame.with_columns(
        has_day=c("chosen") | (c("planned") & c("timed")),
        any_=c("ok") & ((c("quantity") > 0) | (c("assigned") > 0).fill_null(value=False) | c("moved")),
    ).with_columns(has=c("has_day") & c("dated") & ~c("outlived"))
    then = {f"then_{state}": holds for state, holds in on(c("day_")).items()}
    frame = frame.with_columns(**{name: then[name] & c("has") for name in ("then_disabled", "then_deleted")})
    first = (c("k_known") & c("has") & (c("day_") < c("k"))).fill_null(value=False)
    over = (c("k_known") & c("has") & (c("day_") >= c("k") + BACKUP)).fill_null(value=False)
    frame = frame.with_columns(
        open_=c("canceled") & ~first & ~over,
        over_=over & ~first,
        calm=~c("canceled") | first,
    )
    lost = c("over_") | (c("calm") & (c("then_deleted") | (~c("then_disabled") & c("deleted"))))
    at_risk = c("open_") | (
        c("calm") & (c("then_disabled") | (~c("then_deleted") & (c("disabled") | c("suspended"))))
    )
    unsold = c("new_gone") | (c("same") & c("gone_offer"))
    other = ~c("same") & ~c("twin_")
    fewer = (c("then_") < c("quantity")) & ~c("short_")
    more = (c("then_") > c("quantity")) & ~c("short_")
    unsure = ~c("has") | c("unclear") | unsold | fewer
    frame = frame.with_columns(lost=lost, at_risk=at_risk, other=other, more=more, unsure=unsure)
    return frame.with_columns(
        breaks=~c("licences") | c("lost") | c("at_risk") | c("short_"),
        may_break=~c("same") | c("more") | c("unsure"),
        loses=~c("licences") | c("lost"),
        may_lose=c("at_risk") | c("short_") | c("other") | c("unsure"),
        again=c("licences") & (~c("same") | c("short_") | c("lost")),
        from_day=pl.max_horizontal("day_", "origin"),
        billed=c("licences") & c("has") & (c("unclear") | c("active") | c("suspended")),
    )


def by_hand(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Return the frame with the verdicts under GUIDE as of `TODAY`."""
    own = frame.collect_schema().names()
    frame = moved(provisioned(states(renewed(checked(frame)))))
    ok = c("ok")

    def word(name: str, *branches: tuple[pl.Expr, str]) -> Any:
        (condition, value), *more = branches
        chain: Any = pl.when(condition).then(pl.lit(value, dtype=WORDS[name]))
        for condition, value in more:
            chain = chain.when(condition).then(pl.lit(value, dtype=WORDS[name]))
        return chain

    def days(condition: pl.Expr, value: pl.Expr) -> pl.Expr:
        return pl.when(condition).then(value).cast(pl.Date)

    portal = ok & (c("channel_") == "web_direct") & ~c("trial_")
    dated = c("dated")
    late = c("said_late") & c("moved") & ~c("chosen")
    after = c("any_") & c("licences") & c("has") & (c("day_") > c("rl"))
    est = (c("rl") >= LATER) & ~c("trial_") & (c("runs_out") | c("unclear")) & (c("window") | late | after)
    paid = c("trial_") & c("active") & c("goes_on") & c("ended")
    stops = (c("unclear") | c("active") | c("suspended")) & ~c("r_ended") & c("r_goes_on")
    said = {
        "term_first_day": days(c("known"), c("rf")),
        "term_last_day": days(c("known"), c("rl")),
        "renewed": pl.when(ok).then(c("later") | c("unknown")),
        "state": word(
            "state",
            *((dated & c(f"is_{state}"), state) for state in ("active", "suspended", "expired")),
            (dated & (c("is_disabled") | c("outlived")), "disabled"),
            (dated & c("is_deleted"), "deleted"),
        ),
        "grace_first_day": days(c("window"), c("rl") + 1),
        "grace_last_day": days(c("window"), c("safe_day")),
        "auto_renew_off_by": days(c("known") & stops, c("rl")),
        "provisioning_earliest": days(c("timed"), c("earliest")),
        "provisioning_recommended": days(c("timed"), c("best")),
        "provisioning_latest": days(c("timed"), c("latest")),
        "timing": word("timing", (c("in_time"), "in_time"), (c("late"), "too_late"), (c("gone"), "gone")),
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
        "paid_twice_days": pl.when(c("any_") & c("billed") & (c("from_day") <= c("rl")))
        .then(c("rl") - c("from_day") + 1)
        .when(c("any_"))
        .then(0)
        .cast(pl.Int64),
        "refund": word("refund", (portal, "credit_possible"), (ok, "no_refund")),
        "handled_by": word("handled_by", (portal, "billing_support")),
        "contact": word("contact", (portal, "customer")),
        "best_last_day": days(c("known"), c("rl")),
        "doubts": word(
            "doubts",
            (ok & c("disputed") & est, "RNW-001, EST-001"),
            (ok & c("disputed"), "RNW-001"),
            (ok & est, "EST-001"),
            (ok, ""),
        ),
        "undated_by": word(
            "undated_by",
            (ok & paid, "TRL-001"),
            (ok & c("unknown"), "RNW-001"),
            (ok & c("contradicted"), "END-004"),
            (ok & c("unclear"), "LIF-001"),
        ),
    }
    return frame.select(*own, "csp_reason", **{f"csp_{name}": value for name, value in said.items()})


def ours(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Return the same by the package."""
    return frames.assess(frame, as_of=TODAY)


def main() -> None:
    """Compare the two, and print how many times by hand the package takes."""
    some = table(drawn(1, 20_000))
    many = pl.concat([some] * (MANY // some.height)).with_columns(id=pl.int_range(pl.len()).cast(pl.String))
    lazy = many.lazy()
    one, other = ours(lazy).collect(), by_hand(lazy).collect()
    for name in one.columns:
        left, right = one[name], other[name]
        if name == "csp_reason":  # by hand, an enum: none of these rows has more than one problem
            right = right.cast(pl.String)
        if left.dtype != right.dtype or not left.equals(right):
            sys.exit(f"{name}: {left.ne_missing(right).sum()} rows differ; {left.dtype}, {right.dtype}")
    best = [float("inf"), float("inf")]
    for _ in range(ROUNDS):
        for side, ask in enumerate((ours, by_hand)):
            start = perf_counter()
            ask(lazy).collect()
            best[side] = min(best[side], perf_counter() - start)
    print(f"{many.height:,} rows, {len(one.columns) - len(many.columns)} columns of verdicts, all equal")
    print(
        f"by hand {best[1] * 1000:.0f} ms; frames {best[0] * 1000:.0f} ms; ratio {best[0] / best[1]:.2f}, budget 1.2"
    )
    print(f"Polars {pl.__version__}, Python {platform.python_version()}, {pl.thread_pool_size()} threads")


if __name__ == "__main__":
    main()
