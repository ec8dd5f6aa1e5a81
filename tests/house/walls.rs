//! The walls of the house: who may import whom, and where sockets, files and clocks may be.
//!
//! The plan stands in `walls/house.rs`. Here every file of `src` is held against it; that the
//! check sees each way of crossing a wall is shown in `walls/made_up.rs`.

mod house;
mod imports;
mod made_up;

use imports::{Target, mentions};

use crate::rust_source;
use crate::rust_source::{Source, group_end, matches};

#[test]
fn nobody_in_src_crosses_a_wall() {
    let sources = rust_source::read_src();
    assert!(sources.len() > 20, "the sources were not found");
    let crossings: Vec<_> = sources.iter().flat_map(crossings).collect();
    assert!(crossings.is_empty(), "{}", crossings.join("\n"));
}

/// One line for each wall that the file crosses: file, line and sentence.
fn crossings(source: &Source) -> Vec<String> {
    let module = source.module();
    let mut found = Vec::new();
    if let Some(room) = module.first().filter(|room| house::floor(room).is_none()) {
        found.push((1, format!("{room} is no room of the plan")));
    }
    if lacks_denials(source, &module) {
        let denial = "#![deny(clippy::disallowed_methods, clippy::disallowed_types)]";
        found.push((1, format!("a room without sockets and clocks begins with {denial}")));
    }
    found.extend(misplaced_files(source));
    found.extend(mentions(&source.shipped, &module).into_iter().filter_map(|mention| {
        let crossing = match &mention.target {
            Target::Inside(path) => house::crossing(&mention.module, path),
            Target::Outside(path) => house::outside_crossing(&mention.module, path),
        };
        crossing.map(|sentence| (mention.line, sentence))
    }));
    found.dedup();
    let path = &source.path;
    found.into_iter().map(|(line, sentence)| format!("src/{path}:{line}: {sentence}")).collect()
}

/// True for the door of a sans-IO room that does not deny what the room must not reach for.
fn lacks_denials(source: &Source, module: &[String]) -> bool {
    let [room] = module else { return false };
    let tokens = &source.shipped;
    house::is_sans_io(room)
        && !(0..tokens.len()).filter(|&at| matches(tokens, at, "# ! [ deny (")).any(|at| {
            let denied = &tokens[at..group_end(tokens, at + 2)];
            ["disallowed_methods", "disallowed_types"]
                .iter()
                .all(|lint| denied.iter().any(|token| token.is(lint)))
        })
}

/// Files taken in from elsewhere, which would carry their imports past this check.
fn misplaced_files(source: &Source) -> impl Iterator<Item = (usize, String)> {
    let tokens = &source.shipped;
    tokens.iter().enumerate().filter_map(|(at, token)| {
        let is_misplaced = matches(tokens, at, "# [ path =") || matches(tokens, at, "include !");
        is_misplaced.then(|| (token.line, "a module stands where its name says".to_owned()))
    })
}
