"""Search: where articles stand in time, which rules matched them, their words, and look-ups.

`search_backlog` names the articles that were there before; the store indexes them once it is open.
"""

STATEMENTS = (
    """CREATE TABLE matched_places (
        rule TEXT NOT NULL,
        place BIGINT NOT NULL,
        PRIMARY KEY (rule, place)
    )""",
    """CREATE TABLE looks (
        look_id TEXT NOT NULL,
        asked_at BIGINT NOT NULL,
        document TEXT NOT NULL,
        PRIMARY KEY (look_id)
    )""",
    "CREATE INDEX looks_age ON looks (asked_at)",
    """CREATE TABLE search_backlog (
        article_id TEXT NOT NULL,
        version INTEGER NOT NULL,
        PRIMARY KEY (article_id, version)
    )""",
    "INSERT INTO search_backlog (article_id, version) SELECT article_id, version FROM articles",
)

# In SQLite the key of a table lies in its rows only where it is called INTEGER.
#
# Neither the text nor its length is kept beside the index: articles have the one, and nothing is
# ranked by the other. The tokenizer changes no word that bot.store.words writes.
SQLITE = (
    """CREATE TABLE shelf (
        place INTEGER NOT NULL,
        article_id TEXT NOT NULL,
        version INTEGER NOT NULL,
        newest BOOLEAN NOT NULL,
        PRIMARY KEY (place)
    )""",
    "CREATE UNIQUE INDEX shelf_article ON shelf (article_id, version)",
    """CREATE VIRTUAL TABLE article_words USING fts5(
        words, content='', columnsize=0, detail=full, tokenize="ascii tokenchars '.;|^@_'"
    )""",
    "CREATE VIRTUAL TABLE article_vocabulary USING fts5vocab(article_words, instance)",
)
"""The vocabulary keeps nothing; it is a view of the words in the index."""
