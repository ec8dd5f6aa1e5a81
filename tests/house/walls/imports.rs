//! What a file mentions of other modules and crates: `use` trees and paths inside of code.

use crate::rust_source::{Token, matches};

/// Something that a file names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mention {
    pub(crate) target: Target,
    /// Where the file names it.
    pub(crate) line: usize,
    /// Who names it: the module of the file, or one inside it.
    pub(crate) module: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// A path from the root of this crate.
    Inside(Vec<String>),
    /// A path that starts elsewhere: in another crate, or at a name in scope.
    Outside(Vec<String>),
}

/// Everything that these tokens of `module` mention, in order.
pub(crate) fn mentions(tokens: &[Token], module: &[String]) -> Vec<Mention> {
    let mut scan = Scan {
        tokens,
        at: 0,
        depth: 0,
        module: module.to_vec(),
        inner: Vec::new(),
        found: Vec::new(),
    };
    while scan.at < tokens.len() {
        scan.step();
    }
    scan.found
}

struct Scan<'a> {
    tokens: &'a [Token],
    at: usize,
    depth: usize,
    module: Vec<String>,
    /// The depths of braces at which modules inside the file were opened.
    inner: Vec<usize>,
    found: Vec<Mention>,
}

impl Scan<'_> {
    fn step(&mut self) {
        let Some(token) = self.tokens.get(self.at) else {
            return;
        };
        // `impl Trait + use<'a>` is no import.
        let imports = token.is("use") && !self.next_is("<");
        let opens_module =
            token.is("mod") && self.tokens.get(self.at + 2).is_some_and(|t| t.is("{"));
        if token.is("{") {
            self.depth += 1;
        } else if token.is("}") {
            self.close_brace();
        } else if imports {
            self.at += 1;
            return self.use_tree(&[]);
        } else if opens_module {
            self.module.extend(self.tokens.get(self.at + 1).map(|name| name.text.clone()));
            self.depth += 1;
            self.inner.push(self.depth);
            self.at += 2;
        } else if token.is_word() && !self.is_member() {
            return self.inline_path();
        }
        self.at += 1;
    }

    fn close_brace(&mut self) {
        if self.inner.last() == Some(&self.depth) {
            self.inner.pop();
            self.module.pop();
        }
        self.depth -= 1;
    }

    fn next_is(&self, text: &str) -> bool {
        self.tokens.get(self.at + 1).is_some_and(|token| token.is(text))
    }

    /// A field or a method, which belongs to a value and not to a module.
    fn is_member(&self) -> bool {
        self.at > 0
            && self.tokens[self.at - 1].is(".")
            && !(self.at > 1 && self.tokens[self.at - 2].is("."))
    }

    /// Reads `a::b::c`, and stops after its last word.
    fn inline_path(&mut self) {
        let (start, line) = (self.at, self.tokens[self.at].line);
        let mut path = vec![self.tokens[start].text.clone()];
        while self.next_is("::") && self.tokens.get(self.at + 2).is_some_and(Token::is_word) {
            self.at += 2;
            path.push(self.tokens[self.at].text.clone());
        }
        self.at += 1;
        // Alone, these are a receiver or the reach of a `pub(crate)`.
        let is_bare = path.len() == 1 && ["self", "super", "crate"].contains(&path[0].as_str());
        if !is_bare {
            self.mention(&path, line);
        }
    }

    /// Reads one branch of a `use`, and the branches it parts into, up to the `;`, `,` or `}`.
    fn use_tree(&mut self, stem: &[String]) {
        let mut path = stem.to_vec();
        while let Some(token) = self.tokens.get(self.at) {
            let line = token.line;
            self.at += 1;
            if token.is("{") {
                return self.use_branches(&path);
            }
            if token.is("::") {
                continue;
            }
            let is_stem_itself = token.is("self") && !stem.is_empty();
            if !is_stem_itself {
                path.push(token.text.clone());
            }
            if !matches(self.tokens, self.at, "::") {
                if matches(self.tokens, self.at, "as") {
                    self.at += 2;
                }
                return self.mention(&path, line);
            }
        }
    }

    fn use_branches(&mut self, stem: &[String]) {
        while let Some(token) = self.tokens.get(self.at) {
            if token.is("}") {
                self.at += 1;
                return;
            }
            if token.is(",") {
                self.at += 1;
            } else {
                self.use_tree(stem);
            }
        }
    }

    fn mention(&mut self, path: &[String], line: usize) {
        let target = resolve(&self.module, path);
        self.found.push(Mention { target, line, module: self.module.clone() });
    }
}

/// Follows `crate`, `self` and `super` to where they lead.
fn resolve(module: &[String], path: &[String]) -> Target {
    let mut base = match path.first().map(String::as_str) {
        Some("crate") => Vec::new(),
        Some("self" | "super") => module.to_vec(),
        _ => return Target::Outside(path.to_vec()),
    };
    let mut names = path.iter().peekable();
    while let Some(name) = names.next_if(|name| ["crate", "self", "super"].contains(&name.as_str()))
    {
        if name == "super" {
            base.pop();
        }
    }
    base.extend(names.cloned());
    Target::Inside(base)
}
