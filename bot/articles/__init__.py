"""From an entry and its page to an article: extraction, cleaning, sentences, identity."""
