"""The version of Redline."""

VERSION = "0.1.0"
