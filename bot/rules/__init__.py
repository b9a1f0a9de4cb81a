"""Watch rules: the language, the kinds of terms, and the matching."""
