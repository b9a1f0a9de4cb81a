"""Stories: which articles report one development, and what is new in it."""
