//! The schemas of the index and of the vectors. Each has one version, and a file of another version is built again.

/// The tables of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Schema {
    /// In `user_version`.
    pub(super) version: u32,
    pub(super) tables: &'static str,
}

/// The index. Any change of what is indexed increments its version.
pub(super) const INDEX: Schema = Schema { version: 3, tables: TABLES };

/// The vectors, by the hash of the text.
pub(super) const VECTORS: Schema = Schema {
    version: 1,
    tables: "CREATE TABLE vectors (
        model TEXT NOT NULL, hash TEXT NOT NULL, numbers BLOB NOT NULL, PRIMARY KEY (model, hash)
    ) STRICT, WITHOUT ROWID",
};

/// The full-text indexes of [`TABLES`].
pub(super) const FULL_TEXT: [&str; 4] = ["words_of_tables", "words_of_items", "parts_of_words", "parts_of_members"];

/// `words_of_*` have all forms of words, see `names`; their row ids are those of the documents. `parts_*` have trigrams.
const TABLES: &str = "
    CREATE TABLE facts (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE feeds (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, stamp TEXT NOT NULL) STRICT;
    CREATE TABLE entities (
        id INTEGER PRIMARY KEY, feed INTEGER NOT NULL, key TEXT NOT NULL, hash TEXT NOT NULL, UNIQUE (feed, key)
    ) STRICT;
    CREATE TABLE documents (
        id INTEGER PRIMARY KEY, entity INTEGER NOT NULL, kind INTEGER NOT NULL, connection TEXT, name TEXT NOT NULL,
        own_name TEXT NOT NULL, text TEXT NOT NULL, shown_table TEXT, calls INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX documents_of_entity ON documents (entity);
    CREATE TABLE tables (
        document INTEGER PRIMARY KEY, connection TEXT NOT NULL, folded TEXT NOT NULL, bare TEXT NOT NULL,
        prefix TEXT NOT NULL, -- the first word of nearly all columns, or ''
        columns TEXT NOT NULL -- a line for each: its words without the prefix, a tab, its name
    ) STRICT;
    CREATE INDEX tables_by_name ON tables (connection, folded);
    CREATE INDEX tables_by_bare_name ON tables (connection, bare);
    CREATE TABLE mentions (
        connection TEXT NOT NULL, folded TEXT NOT NULL, document INTEGER NOT NULL, kind INTEGER NOT NULL,
        PRIMARY KEY (connection, folded, kind, document)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX mentions_of_document ON mentions (document);
    CREATE TABLE uses (
        connection TEXT NOT NULL, folded TEXT NOT NULL, calls INTEGER NOT NULL, PRIMARY KEY (connection, folded)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE joins (entity INTEGER NOT NULL, connection TEXT NOT NULL, one TEXT NOT NULL, other TEXT NOT NULL) STRICT;
    CREATE INDEX joins_of_entity ON joins (entity);
    CREATE INDEX joins_of_one ON joins (connection, one);
    CREATE INDEX joins_of_other ON joins (connection, other);
    CREATE TABLE members (
        id INTEGER PRIMARY KEY, document INTEGER NOT NULL, folded TEXT NOT NULL, value TEXT NOT NULL, rows INTEGER
    ) STRICT;
    CREATE INDEX members_of_document ON members (document);
    CREATE INDEX members_by_value ON members (folded);
    CREATE TABLE vocabulary (id INTEGER PRIMARY KEY, word TEXT NOT NULL UNIQUE) STRICT;
    CREATE TABLE short_words (word TEXT PRIMARY KEY) STRICT, WITHOUT ROWID; -- of names, that no list of abbreviations has
    CREATE VIRTUAL TABLE words_of_tables USING fts5(
        name, text, context, part_texts, content='', contentless_delete=1, tokenize='porter unicode61 remove_diacritics 2'
    );
    CREATE VIRTUAL TABLE words_of_items USING fts5(
        name, text, context, members, content='', contentless_delete=1, tokenize='porter unicode61 remove_diacritics 2'
    );
    CREATE VIRTUAL TABLE parts_of_words USING fts5(word, content='', detail='none', tokenize='trigram');
    CREATE VIRTUAL TABLE parts_of_members USING fts5(
        value, content='', contentless_delete=1, detail='none', tokenize='trigram'
    );
";
