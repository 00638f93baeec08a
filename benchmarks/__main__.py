"""`make bench`: measure against the floor in the same run, print a table, keep it in RESULTS.md."""

from __future__ import annotations

import platform
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import assistant, measures, pages, shop, world
from emulators.control import launch

RESULTS = Path(__file__).with_name("RESULTS.md")


def main() -> None:
    """Run every measure and write the table."""
    with world.database() as url:
        world.people()
        speed = measures.set_based(url)
        with (
            launch.running("mailbox") as mailbox,
            measures.worker_process(f"smtp://{mailbox.addresses['smtp']}") as pid,
        ):
            wait = measures.one_line(url)
            rest = measures.idle(pid)
        bill = shop.measure()
        menu = assistant.rows()
    # In a database of its own: its million lines are of no use to the other measures.
    with world.database():
        world.people()
        web = pages.measure()
    rows = [
        ("10,000 lines as one operation: deleted, audited, read back", f"{speed.product:,.0f} lines/s", ""),
        ("the same work with plain psycopg, the floor", f"{speed.floor:,.0f} lines/s", ""),
        ("ratio to the floor", f"{speed.product / speed.floor:.2f}", "at least 0.33"),
        ("one operation per line", f"{speed.one_by_one:,.0f} lines/s", ""),
        ("one operation of 10,000 against 10,000 of one", f"{speed.product / speed.one_by_one:,.0f} times", ""),
        ("one line, confirm to verified, median", f"{wait.median:.0f} ms", "at most 60 ms"),
        ("one line, confirm to verified, p99", f"{wait.p99:.0f} ms", ""),
        ("idle worker", f"{rest.cpu_percent:.2f} % of a core", "under 1 %"),
        ("worker's memory", f"{rest.memory_mib:.0f} MiB", ""),
        *shop.rows(bill),
        *menu,
        *pages.rows(web),
    ]
    text = _report(rows)
    RESULTS.write_text(text, encoding="utf-8")
    print(text)


def _report(rows: list[tuple[str, str, str]]) -> str:
    head = f"{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, {platform.machine()}, fsync on"
    lines = ["# Measured", "", f"By `make bench`: {head}. Every ratio is between figures of the same run.", ""]
    lines += ["| what | figure | wanted |", "| --- | --- | --- |"]
    lines += [f"| {what} | {figure} | {wanted} |" for what, figure, wanted in rows]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
