"""The kinds of terms, one a file, registered here."""
