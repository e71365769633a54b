"""Feed the payload reader and the command what no sender should send, guided by coverage.

    python proof/fuzz.py reader 600     the reader, for so many seconds
    python proof/fuzz.py command 600    the command, with a payload on its standard input

Whatever comes in, the reader answers with subscriptions or with its own errors, and the command with a plan or with
a line that says what is wrong: no traceback, no hang, no memory blow-up. What is found becomes a case in
`tests/test_partner_center.py` or `tests/test_command.py`. Needs `atheris`.
"""

from __future__ import annotations

import io
import json
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from tempfile import mkdtemp

import atheris

with atheris.instrument_imports(include=["csp_transfer"]):
    import csp_transfer as csp
    from csp_transfer import partner_center
    from csp_transfer.__main__ import main as command
    from csp_transfer.texts import read_bytes

SAMPLE = read_bytes("contoso-subscriptions.json")
WORDS = [
    *(
        "items",
        "totalCount",
        "id",
        "offerId",
        "quantity",
        "status",
        "commitmentEndDate",
        "effectiveStartDate",
    ),
    *(
        "termDuration",
        "autoRenewEnabled",
        "scheduledActions",
        "scheduleType",
        "CustomDate",
        "effectiveDate",
        "instructions",
        "actionType",
        "refundOptions",
        "refundableQuantity",
        "allowedUntilDateTime",
        "isMicrosoftProduct",
        "publisherName",
        "Extended Service Term",
        "creationDate",
        "isTrial",
        "P1Y",
        "P1M",
    ),
    *(
        "scheduledNextTermInstructions",
        "parentSubscriptionId",
        "billingType",
        "license",
        "usage",
        "9999-12-31",
    ),
    *(
        "2026-03-31T23:59:59Z",
        "2015-11-25T06: 41: 12Z",
        "0001-01-01T00:00:00",
        "\\ud800",
        "1e999",
        "NaN",
        "-0",
    ),
]


def _is_empty(data: bytes) -> bool:
    payload = json.loads(data)
    return payload == [] or any(key.lower() == "items" and value == [] for key, value in payload.items())


def read(data: bytes) -> None:
    """Read a payload, strictly and tolerantly."""
    try:
        found = partner_center.read(data)
    except csp.CspTransferError as error:
        str(error)
    else:
        assert all(isinstance(s, csp.Subscription) for s in found)
    reading = partner_center.read_tolerantly(data)
    assert reading.subscriptions or reading.problems or _is_empty(data)
    assert all(str(problem) for problem in reading.problems)
    assert bool(reading.problems) == bool(reading.unread)
    try:
        joined = partner_center.join_pages([data, data])
    except csp.CspTransferError as error:
        str(error)
    else:
        partner_center.read_tolerantly(joined)


def plan(data: bytes) -> None:
    """Plan a payload with the command, compare its ways, or explain it."""
    sys.stdin = io.TextIOWrapper(io.BytesIO(data), encoding="utf-8")
    out = io.StringIO()
    arguments = ["-", "--customer-country", "JP", "--partner-country", "JP", "--as-of", "2026-03-01"]
    asked = ("plan", "routes", "explain")[len(data) % 3]
    if data[:1] in b"\x00[":
        arguments += ["--tolerant", "--format", "json"]
    with redirect_stdout(out), redirect_stderr(out):
        try:
            code = command([asked, *arguments])
        except SystemExit as stopped:
            code = stopped.code if isinstance(stopped.code, int) else 2
    assert code in (0, 1, 2), code
    assert "Traceback" not in out.getvalue()


def main() -> None:
    """Fuzz one of the two."""
    target, seconds = {"reader": read, "command": plan}[sys.argv[1]], sys.argv[2]
    corpus = Path(mkdtemp(prefix="corpus-"))
    (corpus / "sample").write_bytes(SAMPLE)
    for n, item in enumerate(json.loads(SAMPLE)["items"]):
        (corpus / f"item-{n}").write_text(json.dumps(item), encoding="utf-8")
        (corpus / f"list-{n}").write_text(json.dumps([item]), encoding="utf-8")
    words = corpus.parent / f"{corpus.name}.words"
    words.write_text("".join(f'"{word}"\n'.replace("\\", "\\\\") for word in WORDS), encoding="utf-8")
    options = [
        "-max_len=60000",
        "-timeout=20",
        "-rss_limit_mb=1500",
        f"-max_total_time={seconds}",
        f"-dict={words}",
    ]
    atheris.Setup([sys.argv[0], *options, str(corpus)], target)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
