"""Settings: the only reader of config/ and of the environment.

`load` returns Settings that are right as a whole, or tells of everything that is wrong, each with
its file, line and key.
"""

from bot.settings.environment import config_folder, environment
from bot.settings.load import load
from bot.settings.problems import InvalidSettingsError, Problem
from bot.settings.types import PlatformOptions, Poll, Settings
from bot.settings.values import read_duration
from bot.settings.writing import rules_yaml, thing_yaml

__all__ = [
    "InvalidSettingsError",
    "PlatformOptions",
    "Poll",
    "Problem",
    "Settings",
    "config_folder",
    "environment",
    "load",
    "read_duration",
    "rules_yaml",
    "thing_yaml",
]
