"""The command line, as a person uses it."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gzip
import html
import http.server
import io
import json
import os
import pty
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot import cli, start
from bot.__main__ import main
from bot.commands import MENU
from bot.demo import demo_settings
from bot.errors import StoreError
from bot.model import Article, Feed, FeedState
from bot.ports import PollRecord, Remembered
from bot.store.sql import SqlStore
from bot.store.sqlite import Lock
from handlers import PLATFORMS
from tests.build import NOON, an_article

HOUSE = Path(__file__).parents[1]
SAMPLE = HOUSE / "tests" / "cases" / "end_to_end" / "port-avel.txt"
PATIENCE = 60.0

Say = Callable[..., tuple[int, str, str]]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder of its own, with the settings of a team that has no tokens."""
    for name in list(os.environ):  # noqa: TID251 - the tester's own tokens must not be seen
        if name.startswith(("SLACK_", "DISCORD_", "REDLINE_")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    config = tmp_path / "config"
    config.mkdir()
    (config / "redline.yaml").write_text("contact: https://courier.example/about\n")
    (config / "places.yaml").write_text("places:\n  - name: Port Avel\n")
    (config / "rules.yaml").write_text(
        "rules:\n"
        "  - name: avel\n"
        "    title: Port Avel\n"
        '    when: place:"Port Avel" AND "red line"\n'
        '    to: ["console:terminal"]\n'
    )
    return tmp_path


@pytest.fixture
def say(folder: Path, capsys: pytest.CaptureFixture[str]) -> Say:
    """Run a command in the folder; the code it ends with, and what it says on both streams."""

    def run(*arguments: str) -> tuple[int, str, str]:
        code = main(arguments)
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def test_version_is_printed(say: Say) -> None:
    """`redline version` names the program and its version."""
    code, out, _ = say("version")

    assert code == 0
    assert out.startswith("redline ")


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    """`redline --help` shows what there is."""
    with pytest.raises(SystemExit):
        main(["--help"])

    shown = capsys.readouterr().out
    for command in {name.split()[0] for name in cli.COMMANDS} | {"version"}:
        assert f"    {command} " in shown


def test_without_a_command_the_help_is_shown(say: Say) -> None:
    """Whoever types `redline` alone learns what there is."""
    code, out, _ = say()

    assert code == 2
    assert "run" in out
    assert "check" in out


@pytest.mark.parametrize("command", sorted(cli.COMMANDS))
def test_each_command_can_be_asked_for(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What the command line does can be typed, and says how."""
    with pytest.raises(SystemExit) as ended:
        main([*command.split(), "--help"])

    assert ended.value.code == 0
    assert f"redline {command}" in capsys.readouterr().out


def test_version_and_help_load_nothing_else() -> None:
    """Whoever asks for the version or for help does not wait for the whole service to load."""
    asked = "import sys; from bot.__main__ import main; main(['version']); print(*sys.modules)"
    done = [sys.executable, "-c", asked]
    loaded = subprocess.run(done, cwd=HOUSE, check=True, capture_output=True, text=True).stdout

    assert {"bot.cli", "bot.app", "sqlalchemy"}.isdisjoint(loaded.split())


def _surprise(_given: argparse.Namespace) -> int:
    raise KeyError("https://mary:hunter2@courier.example/feed\nsecond line")


def test_what_nobody_foresaw_is_told_in_one_line(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error that is none of ours is one line without secrets, and says how to see more."""
    monkeypatch.setattr(cli, "COMMANDS", {"check": _surprise})

    code, out, err = say("check")

    assert (code, out) == (3, "")
    assert err.startswith("Redline failed over something that nobody foresaw: KeyError: ")
    assert "--debug" in err
    assert "hunter2" not in err
    assert err.count("\n") == 1


def _ends_in_a_group(_given: argparse.Namespace) -> int:
    raise ExceptionGroup("tasks", [StoreError("redline.db", "is full", advice="Make room")])


def test_what_ends_one_of_several_tasks_is_told_as_itself(
    say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error of ours is told as ever where it ended one of the service's tasks."""
    monkeypatch.setattr(cli, "COMMANDS", {"check": _ends_in_a_group})

    assert say("check") == (2, "", "redline.db: is full. Make room\n")


def test_the_insides_are_shown_to_who_asks_for_them(
    say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With --debug the error is shown as Python shows it."""
    monkeypatch.setattr(cli, "COMMANDS", {"check": _surprise})

    with pytest.raises(KeyError):
        say("check", "--debug")


def test_the_service_writes_what_nobody_foresaw_into_its_log(
    say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever keeps the service finds the traceback in the log, where one line says too little."""
    monkeypatch.setattr(start, "can_post", _surprise)

    code, _, err = say("run")

    assert code == 3
    logged, told = err.splitlines()
    assert "Traceback" in json.loads(logged)["exception"]
    assert told.startswith("Redline failed")


def test_an_archive_that_is_not_there_is_told_at_once(say: Say) -> None:
    """The message names the file and what to give, and no number of the operating system."""
    code, _, err = say("replay", "nowhere.jsonl")

    assert code == 2
    assert err == "nowhere.jsonl: there is no such file. Give a JSON Lines file, .gz or not\n"


def test_a_file_of_another_kind_does_not_fill_the_terminal(say: Say, folder: Path) -> None:
    """Of many lines that are no articles the first few are named, and the rest are counted."""
    (folder / "poem.txt").write_text("a line\n" * 40)

    code, _, err = say("replay", "poem.txt")

    assert code == 1
    assert err.count("is not JSON") == 5
    assert "40 lines were passed over in all" in err


def test_try_shows_the_evidence(say: Say) -> None:
    """A rule that holds is shown with its terms and their sentences, and ends with 0."""
    code, out, _ = say("try", 'place:"Port Avel" AND "red line"', str(SAMPLE))

    assert code == 0
    assert "holds" in out
    assert "so-called “*red line*”" in " ".join(out.split())


def test_try_says_how_close_a_failure_came(say: Say) -> None:
    """A clause that does not hold says what was missing, beside those that hold."""
    code, out, _ = say("try", 'place:"Port Avel" AND freighters NEAR/2 delegations', str(SAMPLE))

    told = " ".join(out.replace("│", " ").replace("─", " ").split())
    assert code == 1
    assert '✔ place:"Port Avel"' in told
    assert "✘ freighters NEAR/2 delegations - the nearest pair has" in told


def test_try_asks_whether_a_rule_was_meant(say: Say) -> None:
    """A mistyped name of a rule is read as words, and the person learns that."""
    _, _, err = say("try", "avel-", str(SAMPLE))
    _, _, silent = say("try", "grain-ships", str(SAMPLE))

    assert err == "No rule is called avel-, so it was read as words. Did you mean avel?\n"
    assert silent == ""


def test_try_reads_a_page_of_this_machine_where_that_is_allowed(say: Say, folder: Path) -> None:
    """An address may have any port; that its network is one's own must stand in the settings."""
    site = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _OnePage)
    with site:
        threading.Thread(target=site.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{site.server_port}/news"
        refused = say("try", "avel", address)
        (folder / "config" / "redline.yaml").write_text(
            "poll:\n  allow_private_networks: [127.0.0.1/32]\n"
        )
        read = say("try", "avel", address)
        site.shutdown()

    assert (refused[0], refused[1]) == (2, "")
    assert "Save the page, and give the file in place of the address" in refused[2]
    assert (read[0], read[2]) == (0, "")
    assert "✔ holds" in read[1]


@pytest.mark.parametrize("address", ["http://127.0.0.1:99999/", "http://[::1/", "http://:80/"])
def test_an_address_that_is_none_is_told(say: Say, address: str) -> None:
    """What cannot be an address is an error like any other."""
    code, _, err = say("try", "avel", address)

    assert code == 2
    assert err.startswith(address)


class _OnePage(http.server.BaseHTTPRequestHandler):
    """A site of one page, which is our sample article."""

    def do_GET(self) -> None:
        paragraphs = SAMPLE.read_text(encoding="utf-8").split("\n")
        story = "".join(f"<p>{html.escape(paragraph)}</p>" for paragraph in paragraphs)
        body = f"<!doctype html><title>News</title><article>{story}</article>".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_said: object) -> None:
        """Say nothing: what is printed is the command's."""


def test_try_takes_the_name_of_a_rule(say: Say) -> None:
    """A rule of the settings is tried by its name."""
    assert say("try", "avel", str(SAMPLE))[0] == 0


def test_try_ends_with_1_where_the_rule_does_not_hold(say: Say) -> None:
    """A rule that does not hold says so."""
    code, out, _ = say("try", "sanctions", str(SAMPLE))

    assert (code, "does not hold" in out) == (1, True)


def test_try_writes_json(say: Say) -> None:
    """`--json` gives the evidence with exact spans."""
    _, out, _ = say("try", "--json", "avel", str(SAMPLE))

    written = json.loads(out)
    evidence = written["evidence"]
    assert [part["held"] for part in written["clauses"]["parts"]] == [True, True]
    assert {"Port Avel", "red line"} <= {found["text"] for found in evidence}
    for found in (found for found in evidence if found["field"] == "text"):
        assert written["text"][found["start"] : found["end"]] == found["text"]
        first, last = written["sentences"][found["sentence"]]
        assert first <= found["start"] < found["end"] <= last


def test_a_typo_in_a_rule_is_shown_with_a_caret(say: Say) -> None:
    """A rule that cannot be read is an error with the place and what was expected."""
    code, _, err = say("try", 'place:"Port Avel" AND (red', str(SAMPLE))

    assert code == 2
    assert "^" in err


def test_a_missing_article_is_named(say: Say) -> None:
    """A file that is not there is an error that names it."""
    code, _, err = say("try", "avel", "nowhere.txt")

    assert (code, "nowhere.txt: cannot be read" in err) == (2, True)


def test_rules_lint_says_what_an_archive_has_for_each_rule(say: Say) -> None:
    """A rule that found nothing is named, and the command ends with 1."""
    archive = str(HOUSE / "tests" / "cases" / "lint" / "archive.jsonl")

    code, out, _ = say("rules", "lint", "--archive", archive)
    json_code, written, _ = say("rules", "lint", "--archive", archive, "--json")

    assert (code, json_code) == (1, 1)
    assert "avel found nothing." in out
    assert json.loads(written)["silent"] == ["avel"]


def test_what_was_read_serves_lint_and_check(say: Say, folder: Path) -> None:
    """Beside a service, both look at the newest articles of its database."""
    (folder / "config" / "people.yaml").write_text("people:\n  - name: Anna Marten\n")
    (folder / "config" / "feeds.yaml").write_text("feeds: []\n")
    texts = ("Ana Marten saw the red line at Port Avel.", "Ana Marten left.", "No red line at all.")
    articles = [an_article(text, id=f"a{n}") for n, text in enumerate(texts)]
    none_code, _, none = say("rules", "lint")
    asyncio.run(read_before(folder / "data" / "redline.db", articles))

    code, out, _ = say("rules", "lint", "--json")
    _, checked, _ = say("check")

    assert (none_code, "--archive" in none) == (2, True)
    assert (code, json.loads(out)["rules"][0]["articles"]) == (0, 1)
    assert "may be spelled Ana Marten in 2 of 3 articles" in " ".join(checked.split())


async def read_before(database: Path, articles: Sequence[Article]) -> None:
    """Have the service of a database read articles, and end."""
    database.parent.mkdir(exist_ok=True)
    store = SqlStore(database)
    await store.open()
    await store.sync_feeds([Feed(id="f", url="https://courier.example/feed", title="F")], NOON)
    state = FeedState(feed_id="f", address="https://courier.example/feed", next_poll_at=NOON)
    kept = [
        Remembered(article=article, aliases=(article.id,), content_hash="h") for article in articles
    ]
    await store.remember(PollRecord(state=state, articles=tuple(kept)))
    await store.close()


def test_replay_writes_one_line_for_each_article(say: Say, folder: Path) -> None:
    """`redline replay --json --stats` prints JSON Lines, and its figures on standard error."""
    archive = folder / "archive.jsonl"
    article = {
        "id": "n1",
        "url": "https://courier.example/1",
        "title": "Harbour",
        "text": SAMPLE.read_text(encoding="utf-8"),
        "published": "2026-03-02T12:00:00Z",
        "source": "The Courier",
    }
    other = article | {"id": "n2", "text": "Nothing."}
    archive.write_text(json.dumps(article) + "\n" + json.dumps(other) + "\n", encoding="utf-8")

    code, out, err = say("replay", str(archive), "--json", "--stats")

    assert code == 0
    assert [len(json.loads(line)["matches"]) for line in out.splitlines()] == [1, 0]
    assert "2 articles, 1 matches, 1 alerts" in err


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_replay_reads_what_another_program_writes(
    say: Say, monkeypatch: pytest.MonkeyPatch, pack: Callable[[bytes], bytes]
) -> None:
    """`redline replay -` reads standard input to its end, whose size nobody knows before."""
    given = io.BytesIO(pack(b'{"id": "n1", "title": "Harbour"}'))
    with io.TextIOWrapper(given) as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        code, out, err = say("replay", "-", "--json")

    assert (code, json.loads(out)["id"], err) == (0, "n1", "")


def test_replay_tells_of_bad_lines_and_goes_on(say: Say, folder: Path) -> None:
    """An archive with a bad line is replayed all the same, and ends with 1."""
    archive = folder / "archive.jsonl"
    archive.write_text("oops\n")

    code, _, err = say("replay", str(archive), "--json")

    assert (code, "line 1: is not JSON" in err) == (1, True)


def test_each_kind_of_bad_line_is_named(say: Say, folder: Path) -> None:
    """Many lines with one fault do not hide a line with another."""
    lines = ["{}\n"] * 40 + ["oops\n", '{"id": "1", "title": "T", "published": "soon"}\n']
    (folder / "archive.jsonl").write_text("".join(lines))

    code, _, err = say("replay", "archive.jsonl")

    assert code == 1
    assert "line 41: is not JSON" in err
    assert "line 42: has the date 'soon'" in err
    assert err.endswith("archive.jsonl: 42 lines were passed over in all.\n")


def test_a_bar_on_the_terminal_takes_nothing_from_the_file(folder: Path) -> None:
    """`redline replay --json > judged.jsonl` at a terminal shows a bar, and fills the file."""
    line = {"id": "n1", "title": "Harbour", "text": SAMPLE.read_text(encoding="utf-8")}
    (folder / "archive.jsonl").write_text(f"{json.dumps(line)}\n" * 3, encoding="utf-8")
    screen, side = pty.openpty()

    with started(folder, "replay", "archive.jsonl", "--json", stderr=side) as process:
        os.close(side)
        assert process.stdout is not None
        written = process.stdout.read()
        process.wait(PATIENCE)
    shown = shown_on(screen)

    assert [json.loads(each)["id"] for each in written.splitlines()] == ["n1"] * 3
    assert "Replaying" in shown
    assert "100%" in shown
    assert "n1" not in shown


def shown_on(screen: int) -> str:
    """All that was written to a terminal whose other side is closed."""
    parts = []
    with contextlib.suppress(OSError):  # Linux ends the reading of a closed terminal with EIO.
        while part := os.read(screen, 65_536):
            parts.append(part)
    os.close(screen)
    return b"".join(parts).decode()


def test_mistakes_in_settings_end_with_2(say: Say, folder: Path) -> None:
    """Settings that are wrong are told with file, line, key and the nearest valid key."""
    (folder / "config" / "redline.yaml").write_text("contct: https://courier.example\n")

    code, _, err = say("status")

    assert code == 2
    assert "redline.yaml:1:1: contct" in err
    assert "contact" in err


def test_status_without_a_database_says_what_to_do(say: Say) -> None:
    """Before the first start there is nothing to show, and that is said kindly."""
    code, _, err = say("status")

    assert code == 2
    assert "redline.db: is not there yet. Start the service" in err


def test_resume_without_a_service_writes_itself(say: Say, folder: Path) -> None:
    """Where no service runs the command opens the database itself, and says what it found."""
    asyncio.run(_begin(folder / "data" / "redline.db"))

    code, out, _ = say("resume", "slack:#desk")

    assert (code, out) == (1, "slack:#desk is not parked; nothing was changed.\n")


def test_resume_makes_no_database(say: Say, folder: Path) -> None:
    """Before the first start there is nothing to open, and nothing is made."""
    code, _, err = say("resume", "slack:#desk")

    assert (code, "redline run; it makes the file" in err) == (2, True)
    assert not (folder / "data").exists()


async def _begin(database: Path) -> None:
    """Make an empty database, as a first start does."""
    database.parent.mkdir()
    store = SqlStore(database)
    await store.open()
    await store.close()


def test_a_channel_that_is_none_is_refused(say: Say) -> None:
    """A channel that is not written platform:channel is an error that shows how."""
    code, _, err = say("resume", "desk")

    assert (code, "slack:#mideast-desk" in err) == (2, True)


def test_the_manifest_is_json(say: Say) -> None:
    """`redline manifest slack` prints what is pasted into Slack."""
    code, out, _ = say("manifest", "slack")

    assert code == 0
    assert json.loads(out)["settings"]["socket_mode_enabled"] is True


def test_the_manifest_has_the_commands_with_their_prefix(say: Say, folder: Path) -> None:
    """The manifest declares every group of commands under the name that the settings give it."""
    (folder / "config" / "redline.yaml").write_text("commands:\n  prefix: acme-\n")

    _, out, _ = say("manifest", "slack")

    declared = [made["command"] for made in json.loads(out)["features"]["slash_commands"]]
    assert declared == [f"/acme-{group}" for group in MENU.groups()]


def test_the_invitation_has_the_permissions(say: Say) -> None:
    """`redline invite discord` prints a link with exactly what Redline needs."""
    _, out, _ = say("invite", "discord", "--client-id", "1187500000000000000")

    assert "permissions=309237730304" in out
    assert "client_id=1187500000000000000" in out


def test_an_invitation_without_a_token_asks_for_the_id(say: Say) -> None:
    """Where the application is not known the command says how to name it."""
    code, _, err = say("invite", "discord")

    assert (code, "--client-id" in err) == (2, True)


def test_an_id_that_is_none_makes_no_invitation(say: Say) -> None:
    """A link that Discord would refuse is not printed."""
    code, out, err = say("invite", "discord", "--client-id", "my-bot")

    assert (code, out) == (2, "")
    assert err.startswith("--client-id: is not the id of an application. ")


@contextmanager
def started(
    folder: Path, *arguments: str, stderr: int = subprocess.DEVNULL
) -> Iterator[subprocess.Popen[str]]:
    """A command in a process of its own, ended when the block is."""
    given = os.environ  # noqa: TID251 - a child process needs its PATH
    bare = {k: v for k, v in given.items() if not k.startswith(("SLACK_", "DISCORD_"))}
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", *arguments],
        cwd=folder,
        env=bare | {"PYTHONPATH": str(HOUSE), "COLUMNS": "100"},
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        for stream in (process.stdout, process.stderr):
            if stream:
                stream.close()


def test_the_settings_of_the_demo_are_in_order() -> None:
    """The demo's own settings are held to what all settings are held to."""
    settings = demo_settings("http://127.0.0.1/feed.xml", PLATFORMS)

    assert settings.warnings == ()


def test_no_demo_runs_for_who_has_begun_to_set_up_a_chat(
    say: Say, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One token of two is told from none: the message names the one that is missing."""
    (folder / "config" / "rules.yaml").unlink()
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1-2-abc")

    assert say("run") == (
        2,
        "",
        (
            "slack: is set up by half. Set SLACK_APP_TOKEN in the environment or in .env; the demo "
            "runs with --demo\n"
        ),
    )


def test_a_second_demo_leaves_the_first_alone(folder: Path) -> None:
    """The database of a demo that runs is not begun anew under it; the second says who has it."""
    database = folder / "data" / "demo.db"
    lock = Lock(database)
    lock.take()
    database.write_text("the first demo's")

    with started(folder, "run", "--demo", stderr=subprocess.PIPE) as process:
        _, said = process.communicate(timeout=PATIENCE)

    assert process.returncode == 2
    assert f"is in use by another Redline (process {os.getpid()})" in said
    assert database.read_text() == "the first demo's"
    lock.release()


@pytest.mark.parametrize("command", [["run", "--demo"], ["run"]])
def test_a_folder_for_data_that_cannot_be_made_is_told(folder: Path, command: list[str]) -> None:
    """Where the data cannot be kept, `redline run` says what to change, without a traceback."""
    (folder / "data").write_text("in the way")

    with started(folder, *command, stderr=subprocess.PIPE) as process:
        _, said = process.communicate(timeout=PATIENCE)

    assert process.returncode == 2
    assert "cannot be made" in said
    assert "Traceback" not in said


def test_the_service_logs_what_is_odd_in_its_settings(folder: Path) -> None:
    """Who starts the service without `redline check` still reads of a phrase that is none."""
    (folder / "config" / "rules.yaml").write_text(
        'rules:\n  - name: avel\n    when: "red line"\n    to: console:terminal\n'
    )
    (folder / "data").write_text("in the way, so that the service ends at once")

    with started(folder, "run", stderr=subprocess.PIPE) as process:
        _, said = process.communicate(timeout=PATIENCE)
    first = json.loads(said.splitlines()[0])

    assert (first["event"], first["level"]) == ("odd setting", "warning")
    assert "rules.yaml:3:5: rules[1].when looks for red and line" in first["said"]


def test_a_reader_that_has_seen_enough_is_no_fault(folder: Path) -> None:
    """`redline replay --json | head -1` ends without a traceback."""
    article = {
        "id": "n1",
        "url": "https://courier.example/1",
        "title": "Harbour",
        "text": SAMPLE.read_text(encoding="utf-8"),
        "published": "2026-03-02T12:00:00Z",
        "source": "The Courier",
    }
    (folder / "archive.jsonl").write_text(f"{json.dumps(article)}\n" * 300, encoding="utf-8")

    with started(folder, "replay", "archive.jsonl", "--json", stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        said = process.stderr.read()
        process.wait(PATIENCE)

    assert (process.returncode, said) == (141, "")


def test_the_demo_shows_cards_and_a_follow_up(folder: Path) -> None:
    """The demo shows cards, then a follow-up, and says when that was all; SIGTERM ends it.

    Its log keeps out of the way of the cards, and it touches nothing but its own database.
    """
    with started(folder, "run", "--demo", stderr=subprocess.STDOUT) as process:
        assert process.stdout is not None
        shown = ""
        for line in process.stdout:
            shown += line
            if "That was all" in line:
                break
        process.send_signal(signal.SIGTERM)
        rest, _ = process.communicate(timeout=PATIENCE)

    assert process.returncode == 0
    assert "This is the demo" in shown
    assert "That was all" in shown
    assert '"level": "info"' not in shown
    assert "· updated" in shown
    assert "Marten warns Kessari Republic" in shown
    assert "Inspectors say access to Orven" in shown
    assert "metro" not in (shown + rest).replace("Red Line metro reaches", "metro")
    left = [path.name for path in (folder / "data").iterdir()]
    assert [name for name in left if not name.startswith("demo.db")] == []
