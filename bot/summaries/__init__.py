"""Summaries: the sentence that matched, and the lead."""
