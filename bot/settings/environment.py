"""The environment: read once, here, and handed on; nothing is ever put into it."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from dotenv.parser import parse_stream

from bot.errors import SettingsError
from bot.settings.problems import Problem

# Tokens of all platforms are printable ASCII; what is not would break the header it travels in.
_NO_SECRET = re.compile(r"[^\x21-\x7e]|[\"'`]")


def environment(cwd: Path) -> Mapping[str, str]:
    """Return the variables of the environment, over those of the file `.env` in `cwd`.

    Nothing in `.env` is expanded, and nothing of it reaches the environment of this process or of
    its children.

    Raises:
        SettingsError: `.env` cannot be read; the error names the lines and none of their text.
    """
    here = os.environ  # noqa: TID251 - this function is the one reader of the environment
    return MappingProxyType({**_dotenv(cwd / ".env"), **here})


def config_folder(argument: str | Path | None, variables: Mapping[str, str]) -> Path:
    """Return the folder of the settings: `--config`, or else REDLINE_CONFIG, or else config/."""
    return Path(argument or variables.get("REDLINE_CONFIG") or "config")


def _dotenv(file: Path) -> dict[str, str]:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise SettingsError(".env", f"cannot be read: {reason}") from None
    bindings = list(parse_stream(io.StringIO(text)))
    wrong = [one for one in bindings if one.error or (one.key and one.value is None)]
    if wrong:
        places = ", ".join(f".env:{one.original.line}" for one in wrong)
        raise SettingsError(places, "is not NAME=value", advice="Mend or remove the line")
    return {one.key: one.value or "" for one in bindings if one.key}


def secret(name: str, variables: Mapping[str, str]) -> str | Problem | None:
    """Return a secret from NAME, or from the file that NAME_FILE names, None where neither is set.

    Files are how Docker and Kubernetes hand secrets over (https://docs.docker.com/compose/how-tos/use-secrets/).
    What cannot be read is a Problem, as a value, so that all of them are told at once.
    """
    given, file = variables.get(name, "").strip(), variables.get(f"{name}_FILE", "").strip()
    if given and file:
        return _trouble(name, f"is set, and {name}_FILE too", "Keep one of them")
    if not file:
        return _fit(name, given) if given else None
    try:
        read = Path(file).read_text(encoding="utf-8-sig").strip()
    except OSError as error:
        what = f"names a file that cannot be read: {error.strerror}"
        return _trouble(f"{name}_FILE", what, "Give the path of a file with the secret in it")
    except UnicodeDecodeError:
        return _trouble(f"{name}_FILE", "names a file that is not text", "Store the token alone")
    if not read:
        return _trouble(f"{name}_FILE", "names an empty file", "Store the token in it")
    return _fit(f"{name}_FILE", read)


def _fit(name: str, value: str) -> str | Problem:
    """Return a secret that can travel in the header of a request, or what is wrong with it."""
    if _NO_SECRET.search(value):
        what = "holds a space, a quotation mark or another sign that no token has"
        return _trouble(name, what, "Give the token alone; some readers of .env keep its quotes")
    return value


def _trouble(name: str, what: str, advice: str) -> Problem:
    return Problem(file="environment", key=name, what=what, advice=advice)
