//! Rust source as tests about the source see it: tokens without comments, and test code apart.
//!
//! Only what those tests need is told apart; the compiler has already checked the rest.

use std::fs;
use std::path::Path;

pub(crate) use crate::rust_tokens::{Token, group_end, matches};
use crate::rust_tokens::{opens, tokens};

/// One file of `src`.
pub(crate) struct Source {
    /// Relative to `src`, with forward slashes: `gnutella/wire/ping.rs`.
    pub(crate) path: String,
    pub(crate) text: String,
    /// The tokens of what is shipped, which is all but test code.
    pub(crate) shipped: Vec<Token>,
    /// The text of what is compiled for tests only, comments included.
    pub(crate) test_text: String,
    /// Names declared as `#[cfg(test)] mod name;`, whose files are test code as a whole.
    test_modules: Vec<String>,
}

/// Every Rust file of `src`, by path. Files that are test code as a whole have nothing shipped.
pub(crate) fn read_src() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut sources: Vec<_> = files_below(&root, "rs")
        .into_iter()
        .map(|(path, text)| Source::new(&path, &text))
        .collect();
    set_test_files_apart(&mut sources);
    sources
}

/// Every file below `folder` with this ending, as path relative to `folder` and text, by path.
pub(crate) fn files_below(folder: &Path, ending: &str) -> Vec<(String, String)> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let name = entry.file_name().into_string().unwrap();
        if entry.file_type().unwrap().is_dir() {
            let below = files_below(&entry.path(), ending);
            files.extend(below.into_iter().map(|(path, text)| (format!("{name}/{path}"), text)));
        } else if name.ends_with(&format!(".{ending}")) {
            files.push((name, fs::read_to_string(entry.path()).unwrap()));
        }
    }
    files.sort();
    files
}

/// Empties the files that somebody declares as a module for tests.
pub(crate) fn set_test_files_apart(sources: &mut [Source]) {
    let test_modules: Vec<Vec<String>> = sources
        .iter()
        .flat_map(|source| {
            source.test_modules.iter().map(|name| [source.module(), vec![name.clone()]].concat())
        })
        .collect();
    for source in sources {
        let module = source.module();
        if test_modules.iter().any(|test_module| module.starts_with(test_module)) {
            source.shipped.clear();
            source.test_text.clone_from(&source.text);
        }
    }
}

impl Source {
    pub(crate) fn new(path: &str, text: &str) -> Self {
        let tokens = tokens(text);
        let (mut shipped, mut test_text, mut test_modules) =
            (Vec::new(), String::new(), Vec::new());
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            if let Some(end) = test_item_end(&tokens, at) {
                let item = &tokens[at..end];
                test_text.push_str(&text[item[0].span.start..item[item.len() - 1].span.end]);
                test_modules.extend(declared_module(item));
                at = end;
            } else {
                shipped.push(token.clone());
                at += 1;
            }
        }
        Self { path: path.to_owned(), text: text.to_owned(), shipped, test_text, test_modules }
    }

    /// Where the file stands in the crate: `["gnutella", "wire", "ping"]`; the roots are empty.
    pub(crate) fn module(&self) -> Vec<String> {
        let path = self.path.trim_end_matches(".rs");
        let mut module: Vec<_> = path.split('/').map(str::to_owned).collect();
        let is_root = module.len() == 1 && matches!(path, "lib" | "main");
        if is_root || module.last().is_some_and(|name| name == "mod") {
            module.pop();
        }
        module
    }
}

/// Where the test item that starts at `at` ends, if one starts there.
fn test_item_end(tokens: &[Token], at: usize) -> Option<usize> {
    if matches(tokens, at, "# ! [ cfg ( test ) ]") {
        return Some(tokens.len());
    }
    let is_test = matches(tokens, at, "# [ cfg ( test ) ]")
        || matches(tokens, at, "# [ cfg ( all ( test ,")
        || matches(tokens, at, "# [ test ]");
    if !is_test {
        return None;
    }
    let mut item = at;
    while matches(tokens, item, "# [") {
        item = group_end(tokens, item + 1);
    }
    item_end(tokens, item)
}

/// Where the item ends whose first token, after all attributes, stands at `at`. A field, an arm or
/// a statement is no item; it counts as shipped.
fn item_end(tokens: &[Token], at: usize) -> Option<usize> {
    let start = match () {
        () if matches(tokens, at, "pub (") => group_end(tokens, at + 1),
        () if matches(tokens, at, "pub") => at + 1,
        () => at,
    };
    let ends_with_block = ends_with_block(tokens.get(start)?, tokens.get(start + 1)?)?;
    let mut end = start;
    while let Some(token) = tokens.get(end) {
        if token.is(";") {
            return Some(end + 1);
        }
        end = if opens(token) { group_end(tokens, end) } else { end + 1 };
        if ends_with_block && token.is("{") {
            return Some(end);
        }
    }
    None
}

/// Whether the item that starts with these words ends with its first block, or else only with a
/// semicolon. Nothing where no item starts.
fn ends_with_block(keyword: &Token, next: &Token) -> Option<bool> {
    let is_constant = keyword.is("const") && !next.is_any(&["fn", "unsafe", "async", "extern"]);
    if is_constant || keyword.is_any(&["use", "static", "type"]) {
        return Some(false);
    }
    let blocks = ["mod", "fn", "struct", "enum", "union", "impl", "trait"];
    let qualifiers = ["const", "unsafe", "async", "extern"];
    let is_item = keyword.is_any(&blocks) || keyword.is_any(&qualifiers) || next.is("!");
    is_item.then_some(true)
}

/// The name in `mod name;`, which is all that is left of a test module with a file of its own.
fn declared_module(item: &[Token]) -> Option<String> {
    match item {
        [.., keyword, name, end] if keyword.is("mod") && end.is(";") => Some(name.text.clone()),
        _ => None,
    }
}
