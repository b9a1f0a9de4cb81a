"""Settings: what the files and the environment say, or everything that is wrong with them."""

from __future__ import annotations

import json
import os
import re
import tempfile
from dataclasses import dataclass, field
from datetime import time, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from bot.errors import RuleError, SettingsError
from bot.model import Channel, ChannelRef, Secret
from bot.ports import Platform
from bot.settings import InvalidSettingsError, Settings, config_folder, environment, load
from bot.settings.folder import FILES
from bot.settings.problems import Problem
from bot.settings.reference import reference
from bot.settings.schema import schema
from tests import generated


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackLike:
    token: Secret | None = field(
        default=None, metadata={"env": "SLACKISH_TOKEN", "help": "The token."}
    )
    api_url: str = field(
        default="https://slack.example/api/",
        metadata={"env": "REDLINE_SLACK_API_URL", "help": "Where it is."},
    )
    unfurl: bool = field(default=False, metadata={"help": "Whether links unfold."})


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscordLike:
    token: Secret = field(default=Secret(""), metadata={"env": "DISCORDISH_TOKEN"})
    guilds: tuple[str, ...] = field(default=(), metadata={"env": "DISCORDISH_GUILDS"})
    wait: timedelta = field(default=timedelta(seconds=5), metadata={"help": "How long."})


def _unused(*_: Any) -> Any:
    raise AssertionError("settings only describe platforms, they never connect")


PLATFORMS = (
    Platform(name="slack", options=SlackLike, lacks=_unused, connect=_unused),
    Platform(name="discord", options=DiscordLike, lacks=_unused, connect=_unused),
)


@dataclass
class Folder:
    """A settings folder in the making: `write` a file, then `load` it."""

    path: Path

    def write(self, name: str, text: str) -> Folder:
        (self.path / name).write_text(text, encoding="utf-8")
        return self

    def load(self, **environment: str) -> Settings:
        return load(self.path, environment, PLATFORMS)

    def refusal(self, **environment: str) -> InvalidSettingsError:
        with pytest.raises(InvalidSettingsError) as caught:
            self.load(**environment)
        return caught.value


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """An empty settings folder."""
    return Folder(tmp_path)


CASES = Path(__file__).parent / "cases" / "settings"


def _cases(kind: str) -> list[Path]:
    return sorted(path for path in (CASES / kind).iterdir() if path.is_dir())


def _environment(case: Path) -> dict[str, str]:
    file = case / "environment"
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    pairs = (line.replace("HERE", str(case)).partition("=") for line in lines)
    return {name: value for name, _, value in pairs}


def _found(settings: Any, path: str) -> str:
    """Follow a path such as `rules.0.to.1` and write down what is there."""
    found = settings
    for step in path.split("."):
        if step.isdigit():
            found = found[int(step)]
        elif hasattr(found, step):
            found = getattr(found, step)
        else:
            found = found[step]
    return str(found)


@pytest.mark.parametrize("case", _cases("bad"), ids=lambda case: case.name)
def test_a_mistake_is_told_with_its_place_and_what_to_do(case: Path) -> None:
    """Each mistake is told with file, line and key, what is wrong, and the nearest valid form."""
    with pytest.raises(InvalidSettingsError) as caught:
        load(case, _environment(case), PLATFORMS)

    told = "".join(f"{p}\n" for p in caught.value.problems).replace(str(case), "FOLDER")
    assert (case / "expected.txt").read_text(encoding="utf-8") == told


@pytest.mark.parametrize("case", _cases("good"), ids=lambda case: case.name)
def test_what_is_written_is_what_is_meant(case: Path) -> None:
    """The settings say what the files and the environment say, and nothing else."""
    settings = load(case, _environment(case), PLATFORMS)

    expected = (case / "expected.txt").read_text(encoding="utf-8").splitlines()
    paths = [line.partition(":")[0] for line in expected]
    assert expected == [f"{path}: {_found(settings, path)}" for path in paths]


@pytest.mark.parametrize("case", _cases("rules"), ids=lambda case: case.name)
def test_a_mistake_in_a_rule_is_shown_with_a_caret(case: Path) -> None:
    """A typo in the language of rules is told with file, line, key and a caret under the place.

    The words are those of the language itself; here it is the place that counts.
    """
    with pytest.raises(InvalidSettingsError) as caught:
        load(case, {}, PLATFORMS)

    shown = [(p, p.quote.splitlines()) for p in caught.value.problems]
    told = "".join(f"{p.file}:{p.line} {p.key}: {q[0] if q else p.what}\n" for p, q in shown)
    assert (case / "expected.txt").read_text(encoding="utf-8") == told
    assert [q for p, q in shown if q and set(q[1].strip()) != {"^"}] == []
    assert any(q for _, q in shown)


def test_there_are_cases_of_many_mistakes() -> None:
    """At least forty ways to go wrong are kept, each with the message it gets."""
    assert len(_cases("bad")) >= 40


def test_a_rule_and_a_feed_are_enough(folder: Folder) -> None:
    """Everything but what is watched and where has a default."""
    folder.write("feeds.yaml", "feeds:\n- url: https://www.example.org/news/feed.xml\n")
    folder.write("rules.yaml", "rules:\n- {name: a, when: sanctions, to: slack:#a}\n")

    settings = folder.load()

    assert [feed.id for feed in settings.feeds] == ["example-org-news-feed"]
    assert [rule.to for rule in settings.rules] == [(ChannelRef("slack", "#a"),)]


def test_times_of_day_are_not_numbers(folder: Folder) -> None:
    """08:30 without quotes is half past eight, which YAML 1.1 reads as 510."""
    folder.write("redline.yaml", "channels:\n  slack:#a:\n    digest_at: [08:30, 18:05]\n")

    [channel] = folder.load().channels.values()

    assert channel.digest_at == (time(8, 30), time(18, 5))


def test_a_channel_has_its_own_clock(folder: Folder) -> None:
    """A channel's pace, digest times and time zone are those it asks for."""
    folder.write(
        "redline.yaml",
        "channels:\n  slack:#a:\n    pace: 2s\n    digest_at: [08:00, 18:30]\n"
        "    timezone: Europe/Brussels\ndelivery:\n  pace: 3s\n",
    )

    settings = folder.load()

    here, there = ChannelRef("slack", "#a"), ChannelRef("slack", "#b")
    assert settings.channel(here) == Channel(
        ref=here,
        pace=timedelta(seconds=2),
        digest_at=(time(8), time(18, 30)),
        timezone="Europe/Brussels",
    )
    assert settings.channel(there) == Channel(ref=there, pace=timedelta(seconds=3))


def test_all_mistakes_of_all_files_are_told_at_once(folder: Folder) -> None:
    """A person mends everything in one go."""
    folder.write("redline.yaml", "pol:\n  per_host: 3\n")
    folder.write("rules.yaml", "rules:\n- name: a\n  when: x\n  to: slakc:#a\n  urgncy: now\n")

    error = folder.refusal()

    assert [(p.file, p.line, p.key) for p in error.problems] == [
        ("redline.yaml", 1, "pol"),
        ("rules.yaml", 4, "rules[1].to"),
        ("rules.yaml", 5, "rules[1].urgncy"),
    ]
    assert "Did you mean poll?" in str(error)
    assert "Did you mean urgency?" in str(error)


def test_secrets_come_from_the_environment(folder: Folder) -> None:
    """A token in the environment reaches its platform, and no other place."""
    folder.write("redline.yaml", "slack:\n  unfurl: yes\n")

    settings = folder.load(SLACKISH_TOKEN="not-a-real-one")

    assert settings.platforms.of("slack", SlackLike) == SlackLike(
        token=Secret("not-a-real-one"), unfurl=True
    )
    assert "not-a-real-one" not in repr(settings)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperLike:
    token: Secret | None = field(
        default=None,
        metadata={"env": "PAPER_TOKEN", "help": "It begins with pp-.", "begins": ("pp-",)},
    )
    gateway_url: str = field(
        default="wss://paper.example/",
        metadata={"env": "REDLINE_PAPER_URL", "schemes": ("ws", "wss")},
    )
    http_port: int | None = None


PAPER = Platform(name="paper", options=PaperLike, lacks=_unused, connect=_unused)


def _paper(folder: Folder, redline: str = "", **environment: str) -> Settings:
    return load(folder.write("redline.yaml", redline).path, environment, [PAPER])


@pytest.mark.parametrize(("token", "warned"), [("pp-made-up", False), ("made-up", True)])
def test_a_token_of_another_kind_is_warned_of(folder: Folder, token: str, warned: bool) -> None:
    """Tokens that were exchanged are noticed before the platform refuses them, and not shown."""
    said = [str(problem) for problem in _paper(folder, PAPER_TOKEN=token).warnings]

    expected = ["environment: PAPER_TOKEN does not begin with pp-. It begins with pp-"]
    assert said == (expected if warned else [])


@pytest.mark.parametrize(
    ("url", "warned"),
    [
        ("ws://proxy.example/gateway", True),
        ("ws://10.0.0.7:8080/", True),
        ("wss://proxy.example/", False),
        ("ws://127.0.0.1:8080/", False),
        ("ws://[::1]:8080/", False),
        ("ws://localhost/", False),
    ],
)
def test_a_token_that_would_travel_unencrypted_is_warned_of(
    folder: Folder, url: str, warned: bool
) -> None:
    """An address without encryption is for this machine alone; a proxy elsewhere is warned of."""
    written = _paper(folder, f"paper:\n  gateway_url: {url}\n").warnings
    given_too = _paper(folder, REDLINE_PAPER_URL=url).warnings

    assert written == given_too
    assert [p.key for p in written] == (["paper.gateway_url"] if warned else [])


def test_a_port_is_one_that_there_is(folder: Folder) -> None:
    """A port above 65535 is refused before anything listens on it."""
    with pytest.raises(InvalidSettingsError, match=r"paper\.http_port is too large: 99999"):
        _paper(folder, "paper:\n  http_port: 99999\n")


@pytest.mark.parametrize(
    ("networks", "opened"),
    [
        ("0.0.0.0/0", "169.254.169.254"),
        ("[10.1.2.0/24, 169.254.0.0/16]", "169.254.169.254"),
        ("'::/0'", "fd00:ec2::254"),
        ("[10.1.2.0/24, 127.0.0.1]", ""),
    ],
)
def test_a_network_that_opens_the_metadata_of_clouds_is_warned_of(
    folder: Folder, networks: str, opened: str
) -> None:
    """Whoever lets feeds reach everything is told what is most dangerous in it."""
    folder.write("redline.yaml", f"poll:\n  allow_private_networks: {networks}\n")

    said = [problem.what for problem in folder.load().warnings]

    assert [what.split(",")[0] for what in said] == ([f"opens {opened}"] if opened else [])


@pytest.mark.parametrize(
    ("term", "near"),
    [
        ('name:"Jo Biden"', "Joe Biden"),
        ('name.strict:"Joe Bidden"', "Joe Biden"),
        ('name:"Joseph R Biden"', "Joseph R. Biden"),
        ("place:Raffah", "Rafah"),
        ('sanctions AND NOT (place:Raffah OR "red line")', "Rafah"),
        ('name:"Jill Biden"', ""),
        ('name:"JOE BIDEN"', ""),
        ("place:Austria", ""),
        ("place:rafah", ""),
        ('"Jo Biden"', ""),
    ],
)
def test_a_name_that_is_nearly_a_listed_one_is_warned_of(
    folder: Folder, term: str, near: str
) -> None:
    """A typo in a name or place is noticed; other people, countries and plain words are left alone.

    Rules may name whom no file lists, so that it is no error.
    """
    people = "people:\n  - name: Joe Biden\n    aliases: [Joseph R. Biden]\n"
    folder.write("people.yaml", people)
    folder.write("places.yaml", "places:\n  - name: Rafah\n  - name: Australia\n")
    folder.write(
        "rules.yaml", f"rules:\n  - name: a\n    when: >-\n      {term}\n    to: slack:#a\n"
    )

    said = folder.load().warnings

    assert [problem.advice.split("?")[0] for problem in said] == (
        [f"Did you mean {near}"] if near else []
    )
    assert all(problem.quote for problem in said)


def test_a_place_within_one_that_is_nearly_listed_is_warned_of(folder: Folder) -> None:
    """A typo in `within` would silently keep a place out of another."""
    folder.write(
        "places.yaml",
        "places:\n  - name: Gaza Strip\n  - name: Rafah\n    within: [Gaza Stripp, Palestine]\n",
    )

    [problem] = folder.load().warnings

    assert (problem.line, problem.key) == (4, "places[2].within[1]")
    assert problem.advice.startswith("Did you mean Gaza Strip?")


def test_a_secret_in_an_address_is_not_shown(folder: Folder) -> None:
    """A key in the query of an address that is told of stays out of the message."""
    folder.write("feeds.yaml", "feeds:\n  - url: vale.example/feed?api_key=made-up\n")

    said = str(folder.refusal())

    assert "vale.example/feed?api_key=" in said
    assert "made-up" not in said


def test_one_stands_for_a_list_of_one(folder: Folder) -> None:
    """A single time, network or channel needs no brackets."""
    folder.write(
        "redline.yaml",
        "channels:\n  slack:#a:\n    digest_at: 08:30\n"
        "poll:\n  allow_private_networks: 10.1.2.0/24\n",
    )

    settings = folder.load()

    assert settings.channel(ChannelRef("slack", "#a")).digest_at == (time(8, 30),)
    assert [str(network) for network in settings.poll.allow_private_networks] == ["10.1.2.0/24"]


# --- The environment --------------------------------------------------------------------------


def test_the_environment_wins_over_the_env_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is set in the environment is not replaced by what stands in .env."""
    (tmp_path / ".env").write_text("# tokens\nexport A_TOKEN='from file'\nB_TOKEN=$A_TOKEN # x\n")
    monkeypatch.setenv("A_TOKEN", "from environment")

    found = environment(tmp_path)

    assert (found["A_TOKEN"], found["B_TOKEN"]) == ("from environment", "$A_TOKEN")


def test_the_env_file_never_reaches_the_process(tmp_path: Path) -> None:
    """A token in .env is not handed on to child processes."""
    (tmp_path / ".env").write_text("REDLINE_TEST_ONLY=1\n")

    assert environment(tmp_path)["REDLINE_TEST_ONLY"] == "1"
    assert "REDLINE_TEST_ONLY" not in os.environ  # noqa: TID251 - the fact under test


def test_no_env_file_is_needed(tmp_path: Path) -> None:
    """Without a file .env the environment is what it is."""
    assert "PATH" in environment(tmp_path)


@pytest.mark.parametrize("line", ["SLACK_BOT_TOKEN: made-up", "made-up", "A='made-up"])
def test_a_bad_line_of_the_env_file_is_named_and_not_shown(tmp_path: Path, line: str) -> None:
    """The error gives the line's number, never its text, which may be a token."""
    (tmp_path / ".env").write_text(f"A=1\n{line}\n")

    with pytest.raises(SettingsError, match=r"\.env:2") as caught:
        environment(tmp_path)

    assert "made-up" not in str(caught.value)


def test_all_bad_lines_of_the_env_file_are_named(tmp_path: Path) -> None:
    """A person mends .env in one go, too."""
    (tmp_path / ".env").write_text("A: made-up\nB=1\nC\n")

    with pytest.raises(SettingsError, match=r"^\.env:1, \.env:3: is not NAME=value") as caught:
        environment(tmp_path)

    assert "made-up" not in str(caught.value)


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ({"PAPER_TOKENS": "pp-x"}, ["PAPER_TOKENS: PAPER_TOKEN"]),
        ({"paper_token": "pp-x"}, ["paper_token: PAPER_TOKEN"]),
        ({"PAPER_BOT_TOKEN": "pp-x"}, ["PAPER_BOT_TOKEN: PAPER_TOKEN"]),
        ({"REDLINE_CONFG": "x"}, ["REDLINE_CONFG: REDLINE_CONFIG"]),
        ({"PAPER_TOKENS": "pp-x", "PAPER_TOKEN": "pp-y"}, []),
        ({"PAPER_SIZE_OF_MY_PRINTER": "a4"}, []),
        ({"TOKEN": "pp-x", "PATH": "/bin"}, []),
    ],
)
def test_a_variable_that_is_nearly_ours_is_warned_of(
    folder: Folder, given: dict[str, str], meant: list[str]
) -> None:
    """A token under a name that nobody reads is found before anyone wonders where the cards are."""
    said = _paper(folder, **given).warnings

    assert [f"{p.key}: {p.advice[13:-1]}" for p in said] == meant


def test_an_env_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    """A .env in another encoding gets an error of ours."""
    (tmp_path / ".env").write_bytes(b"A=\xff\xfe\n")

    with pytest.raises(SettingsError, match="cannot be read"):
        environment(tmp_path)


@pytest.mark.parametrize(
    ("argument", "variables", "folder"),
    [
        (None, {}, "config"),
        (None, {"REDLINE_CONFIG": "/etc/redline"}, "/etc/redline"),
        ("here", {"REDLINE_CONFIG": "/etc/redline"}, "here"),
        (None, {"REDLINE_CONFIG": ""}, "config"),
    ],
)
def test_the_folder_is_named_once(
    argument: str | None, variables: dict[str, str], folder: str
) -> None:
    """--config wins over REDLINE_CONFIG, which wins over config/."""
    assert config_folder(argument, variables) == Path(folder)


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "empty"), (b" \n", "empty"), (b"\xff\xfe", "not text"), (None, "cannot be read")],
)
def test_a_secret_file_without_a_secret_is_told(
    folder: Folder, content: bytes | None, said: str
) -> None:
    """NAME_FILE must name a file with text in it."""
    folder.write("redline.yaml", "")
    file = folder.path / "token"
    if content is not None:
        file.write_bytes(content)

    [problem] = folder.refusal(SLACKISH_TOKEN_FILE=str(file)).problems

    assert (problem.key, said in problem.what) == ("SLACKISH_TOKEN_FILE", True)


def test_every_secret_is_known_to_the_log(folder: Folder) -> None:
    """What must be blacked out is exactly the secrets that are set."""
    folder.write("redline.yaml", "")

    settings = folder.load(SLACKISH_TOKEN="made-up")

    assert settings.platforms.secrets() == (Secret("made-up"),)


@examples(max_examples=20)  # Each loads five whole folders.
@given(token=st.from_regex(r"xox[bp]-[0-9]{6,12}-[A-Za-z0-9]{12,24}", fullmatch=True))
def test_a_token_in_any_file_is_never_repeated(token: str) -> None:
    """Wherever a token is written, the error tells of it and has nothing of it."""
    for name in FILES:
        key = name.removesuffix(".yaml")
        with tempfile.TemporaryDirectory() as made:
            folder = Folder(Path(made)).write(name, f"{key}:\n  - {token}\n{token}: {token}\n")

            said = str(folder.refusal())

        assert "looks like a token" in said
        assert token not in said


# --- Any input --------------------------------------------------------------------------------

_KEYS = st.sampled_from(["rules", "feeds", "name", "when", "to", "url", "poll", "slack", "sets"])
_YAML = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_KEYS | st.text(), inner),
    max_leaves=12,
)


@given(raw=st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8")))
def test_any_bytes_are_settings_or_an_error(raw: bytes) -> None:
    """Whatever a file holds, loading it ends in settings or in an error with a place."""
    _loads_or_refuses(raw)


@given(data=st.dictionaries(_KEYS, _YAML))
def test_any_yaml_is_settings_or_an_error(data: dict[str, Any]) -> None:
    """Whatever is written in well-formed YAML ends in settings or in an error with a place."""
    _loads_or_refuses(yaml.safe_dump(data, allow_unicode=True).encode("utf-8"))


def _loads_or_refuses(raw: bytes) -> None:
    with tempfile.TemporaryDirectory() as made:
        for name in FILES:
            (Path(made) / name).write_bytes(raw)
        told: set[str] = set()
        try:
            load(Path(made), {}, PLATFORMS)
        except InvalidSettingsError as error:
            told = {problem.file for problem in error.problems} or {"nothing"}
        assert told <= set(FILES)


def test_a_file_that_is_far_too_large_is_not_read(folder: Folder) -> None:
    """A file of more than 8 MiB is not settings, and costs no parsing."""
    folder.write("rules.yaml", "#" * (8 * 1024 * 1024 + 1))

    [problem] = folder.refusal().problems

    assert problem.what == "is larger than 8 MiB"


def test_a_folder_in_place_of_a_file_is_told(folder: Folder) -> None:
    """What cannot be opened is told with the system's reason, and the rest is read."""
    (folder.path / "rules.yaml").mkdir()
    folder.write("redline.yaml", "pol: 1\n")

    assert [p.what for p in folder.refusal().problems] == [
        "is not a key here",
        "cannot be read: Is a directory",
    ]


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    """A path to nothing gets advice on how to name a folder."""
    with pytest.raises(InvalidSettingsError, match="there is no such folder"):
        load(tmp_path / "absent", {}, PLATFORMS)


def test_a_file_in_place_of_the_folder_is_told_once(folder: Folder) -> None:
    """Who names rules.yaml is told to name the folder, and nothing of the files in it."""
    file = folder.write("rules.yaml", "").path / "rules.yaml"

    with pytest.raises(InvalidSettingsError) as caught:
        load(file, {}, PLATFORMS)

    assert [(p.file, p.what) for p in caught.value.problems] == [
        (str(file), "is a file, not a folder")
    ]


@given(before=st.integers(0, 2_000), after=st.integers(0, 2_000))
def test_a_mistake_in_a_long_rule_is_shown_with_its_surroundings(before: int, after: int) -> None:
    """However long a rule is, what is shown of it fits a screen, with carets at the place."""
    source = "a" * before + "!?" + "b" * after

    shown, carets = (
        RuleError("is odd", source=source, span=(before, before + 2)).caret().split("\n")
    )

    assert max(len(shown), len(carets)) <= 170
    assert [sign for sign, mark in zip(shown, carets, strict=False) if mark == "^"] == ["!", "?"]
    assert (len(source) <= 160) == (shown == source)


def test_a_required_option_of_a_platform_is_asked_for(folder: Folder) -> None:
    """An option without a default is told to be missing, with its help."""

    @dataclass(frozen=True)
    class Needy:
        room: str = field(metadata={"help": "Which room."})

    folder.write("redline.yaml", "")

    with pytest.raises(InvalidSettingsError) as caught:
        load(folder.path, {}, [Platform("needy", Needy, _unused, _unused)])

    wanted = Problem(file="redline.yaml", key="needy.room", what="is missing", advice="Which room.")
    assert caught.value.problems == (wanted,)


def test_options_may_be_made_by_a_factory(folder: Folder) -> None:
    """A platform may give its options any default that a dataclass has."""

    @dataclass(frozen=True)
    class Roomy:
        rooms: tuple[str, ...] = field(default_factory=lambda: ("lobby",))
        wait: timedelta | None = None

    folder.write("redline.yaml", "roomy:\n  wait: 5m\n")

    found = load(folder.path, {}, [Platform("roomy", Roomy, _unused, _unused)])

    assert found.platforms["roomy"] == Roomy(rooms=("lobby",), wait=timedelta(minutes=5))


def test_options_are_of_their_own_type(folder: Folder) -> None:
    """Asking for a platform's options as another type is a mistake in the program."""
    settings = folder.write("redline.yaml", "").load()

    assert list(settings.platforms) == ["slack", "discord"]
    with pytest.raises(TypeError, match="DiscordLike"):
        settings.platforms.of("discord", SlackLike)


# --- The shipped files, the schema, the docs --------------------------------------------------


def test_the_shipped_settings_are_right() -> None:
    """What is shipped loads without an error, and without a warning."""
    settings = load(generated.HOUSE / "config", {}, generated.platforms())

    assert settings.warnings == ()
    assert (len(settings.feeds), len(settings.rules)) == (13, 5)
    assert "rafah-red-line" in {rule.name for rule in settings.rules}
    assert {feed.url.partition(":")[0] for feed in settings.feeds} == {"https"}


@pytest.mark.parametrize("path", generated.current(), ids=lambda path: path.name)
def test_what_is_generated_is_current(path: Path) -> None:
    """The schema and the tables of the docs say what the types say."""
    current = generated.current()[path]

    assert path.read_text(encoding="utf-8") == current, "run python -m tests.generated"


def _definition(file: Path) -> tuple[dict[str, Any], str]:
    """Resolve the first line of a file as yaml-language-server does."""
    line = file.read_text(encoding="utf-8").splitlines()[0]
    found = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)#/definitions/(\w+)", line)
    assert found
    return json.loads((file.parent / found[1]).read_text(encoding="utf-8")), found[2]


@pytest.mark.parametrize("name", FILES)
def test_editors_find_the_schema_and_accept_the_shipped_file(name: str) -> None:
    """Each shipped file names its own part of the schema, and that part accepts it."""
    file = generated.HOUSE / "config" / name
    whole, key = _definition(file)

    assert key == file.stem
    assert set(whole) == {"$schema", "$comment", "definitions"}
    jsonschema.Draft7Validator.check_schema(whole)
    checker = jsonschema.Draft7Validator({**whole, **whole["definitions"][key]})
    assert list(checker.iter_errors(yaml.safe_load(file.read_text(encoding="utf-8")))) == []


@pytest.mark.parametrize(
    "case", [case for case in _cases("good") if case.name != "words-that-yaml-would-change"]
)
def test_the_schema_accepts_what_is_right(case: Path) -> None:
    """An editor marks nothing in files that load."""
    whole = json.loads(schema(PLATFORMS))
    for file in case.glob("*.yaml"):
        data = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
        checker = jsonschema.Draft7Validator({**whole, **whole["definitions"][file.stem]})
        assert list(checker.iter_errors(data)) == []


@pytest.mark.parametrize(
    "mistake",
    ["unknown-key-in-a-rule", "urgency-unknown", "rule-without-channel", "secret-in-a-file"],
)
def test_the_schema_refuses_what_is_wrong(mistake: str) -> None:
    """An editor marks an unknown key, a wrong choice, a missing key and a secret."""
    whole = json.loads(schema(PLATFORMS))
    [file] = (CASES / "bad" / mistake).glob("*.yaml")
    checker = jsonschema.Draft7Validator({**whole, **whole["definitions"][file.stem]})

    assert list(checker.iter_errors(yaml.safe_load(file.read_text(encoding="utf-8")))) != []


def test_the_reference_names_every_variable() -> None:
    """The docs list each platform's keys and variables, and that a secret may come from a file."""
    told = reference(PLATFORMS)

    assert "`slack.unfurl` | `false` | Whether links unfold." in told
    assert "`SLACKISH_TOKEN`, or `SLACKISH_TOKEN_FILE`" in told
    assert "Over `slack.api_url`." in told
    assert "slack.token" not in told
