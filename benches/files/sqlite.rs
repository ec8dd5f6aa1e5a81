//! The same names in FTS5 of SQLite, in memory.

use filbert::index::words;
use rusqlite::{Connection, Statement, params};

pub struct Table(Connection);

pub struct Query<'a>(Statement<'a>);

impl Table {
    /// A table without the names themselves, where each word is noted once a name: the least that answers.
    /// Words are ours, `beginnings` those of long words among them.
    pub fn new(names: &[String], beginnings: bool) -> Self {
        let mut database = Connection::open_in_memory().expect("a database in memory");
        database
            .execute_batch(
                "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE;
                 PRAGMA page_size = 8192; PRAGMA cache_size = -2000000; PRAGMA temp_store = MEMORY;
                 CREATE VIRTUAL TABLE names USING
                     fts5(name, content = '', columnsize = 0, detail = none, tokenize = 'ascii');",
            )
            .expect("a table");
        let filling = database.transaction().expect("no other one");
        {
            let insert = "INSERT INTO names(rowid, name) VALUES (?1, ?2)";
            let mut insert = filling.prepare(insert).expect("a statement");
            for (number, name) in (1_i64..).zip(names) {
                insert.execute(params![number, text_of(name, beginnings)]).expect("room");
            }
        }
        filling.commit().expect("room");
        database.execute("INSERT INTO names(names) VALUES ('optimize')", []).expect("room");
        Self(database)
    }

    #[allow(clippy::cast_precision_loss, reason = "figures for people")]
    pub fn bytes(&self, files: usize) -> f64 {
        let number = |name: &str| -> i64 {
            self.0.pragma_query_value(None, name, |row| row.get(0)).expect("a number")
        };
        (number("page_count") * number("page_size")) as f64 / files as f64
    }

    pub fn query(&self) -> Query<'_> {
        let query = "SELECT rowid FROM names WHERE names MATCH ?1 ORDER BY rowid LIMIT ?2";
        Query(self.0.prepare(query).expect("a statement"))
    }
}

impl Query<'_> {
    pub fn search(&mut self, text: &str, limit: usize, found: &mut Vec<u32>) {
        let folded = words::fold(text);
        let mut wanted = String::new();
        for word in words::words(&folded) {
            // Some words mean something to SQLite, in quotes they do not.
            wanted.extend(["\"", word, "\" "]);
        }
        if wanted.is_empty() {
            return;
        }
        let limit = i64::try_from(limit).expect("few");
        let rows = self
            .0
            .query_map(params![wanted, limit], |row| row.get::<_, u32>(0))
            .expect("an answer");
        found.extend(rows.map(|row| row.expect("a row")));
    }
}

/// A name as words with a space between two of them.
fn text_of(name: &str, beginnings: bool) -> String {
    let folded = words::fold(name);
    let mut text = String::new();
    for word in words::words(&folded) {
        let others = words::prefixes(word).filter(|_| beginnings);
        for word in std::iter::once(word).chain(others) {
            text.extend([word, " "]);
        }
    }
    text
}
