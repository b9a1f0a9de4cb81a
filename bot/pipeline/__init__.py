"""One poll of one feed, end to end. It ends by owing alerts and never sends."""

from __future__ import annotations

from bot.pipeline.poll import Pipeline, PipelineParts
from bot.pipeline.reader import Page, Reader

__all__ = ["Page", "Pipeline", "PipelineParts", "Reader"]
