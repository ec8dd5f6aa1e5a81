//! That `protocol-spec` keeps its own rules, and that code, tests and specification know each other.
//!
//! Whether Filbert does what the requirements and vectors say is shown elsewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use filbert::specification::{Requirement, RequirementId, Specification};
use toml::{Table, Value};

use crate::rust_source::{files_below, matches, read_src};
use crate::support::vectors::WAITING;

/// Requirements that never come out as the error: where an optional part of a vendor message cannot
/// be read, its bytes are `rest`, and VMSG-05 is what is reported.
const HIDDEN: [&str; 4] = ["VMSG-08", "VMSG-27", "VMSG-34", "VMSG-39"];

/// Words that look like ids and are none.
const LOOK_ALIKES: &[&str] = &["CRC-32", "UTF-16", "UTF-32"];

#[test]
fn every_file_of_requirements_is_built_in() {
    let specification = specification();
    let subjects = specification.subjects().iter();
    let built_in: BTreeSet<_> = subjects.map(|subject| subject.name.to_owned()).collect();
    let in_folder: BTreeSet<_> = requirement_files()
        .into_iter()
        .map(|(path, _)| path.trim_end_matches(".toml").to_owned())
        .collect();
    assert_eq!(built_in, in_folder);
}

#[test]
fn there_are_enough_requirements_and_vectors_to_call_it_a_specification() {
    let (requirements, vectors) = (specification().requirements().count(), vectors().len());
    assert!(requirements >= 150, "only {requirements} requirements");
    assert!(vectors >= 250, "only {vectors} vectors");
}

#[test]
fn the_ids_of_a_prefix_stand_in_one_file_and_count_up_from_one() {
    let specification = specification();
    let mut homes = BTreeMap::new();
    let mut counts = BTreeMap::new();
    for (subject, requirement) in specification.requirements() {
        let (prefix, number) = requirement.id.as_str().split_once('-').unwrap();
        assert_eq!(*homes.entry(prefix).or_insert(subject), subject, "the home of {prefix}");
        let count = counts.entry(prefix).or_insert(0_u32);
        *count += 1;
        assert_eq!(number, format!("{count:02}"), "{} is out of order", requirement.id);
    }
}

#[test]
fn nothing_in_a_requirement_is_left_empty() {
    for (_, requirement) in specification().requirements() {
        let Requirement { id, title, text, source, evidence, untested, .. } = requirement;
        let evidence_texts = evidence.iter().flat_map(|evidence| [&evidence.by, &evidence.what]);
        for text in [title, text, source].into_iter().chain(evidence_texts).chain(untested) {
            assert!(!text.trim().is_empty(), "{id} has an empty field");
        }
        assert!(!evidence.is_empty(), "{id} has no evidence");
        assert!(!title.ends_with('.') && !title.contains('\n'), "the title of {id} is no heading");
    }
}

#[test]
fn vectors_have_the_keys_and_kinds_of_the_schema() {
    let keys = [
        "id",
        "requirements",
        "kind",
        "hex",
        "value",
        "error",
        "faults",
        "canonical",
        "note",
        "place",
        "word",
        "bits",
    ];
    let kinds = kinds_in_readme();
    let mut ids = BTreeSet::new();
    for (file, vector) in vectors() {
        let id = text_of(&vector, "id").unwrap_or_else(|| panic!("a vector of {file} has no id"));
        assert!(ids.insert(id.clone()), "two vectors are called {id}");
        for key in vector.keys() {
            assert!(keys.contains(&key.as_str()), "{id} of {file} has the unknown key {key}");
        }
        let kind = text_of(&vector, "kind").unwrap_or_default();
        assert!(kinds.contains(&kind), "{id} of {file} is of the unknown kind {kind:?}");
        let ends = ["value", "error"].iter().filter(|end| vector.contains_key(**end)).count();
        assert_eq!(ends, 1, "{id} of {file} has to have either a value or an error");
    }
}

#[test]
fn kinds_that_wait_for_their_decoder_have_vectors() {
    let vectors = vectors();
    let kinds: BTreeSet<_> = vectors.iter().filter_map(|(_, it)| text_of(it, "kind")).collect();
    assert_none(WAITING.iter().filter(|kind| !kinds.contains(**kind)).map(|kind| (*kind).into()));
}

#[test]
fn vectors_name_requirements_that_exist() {
    let specification = specification();
    for (file, vector) in vectors() {
        let id = text_of(&vector, "id").unwrap_or_default();
        let requirements = texts_of(&vector, "requirements");
        assert!(!requirements.is_empty(), "{id} of {file} shows no requirement");
        for named in
            [requirements, texts_of(&vector, "faults"), texts_of(&vector, "error")].concat()
        {
            assert!(exists(&specification, &named), "{id} of {file} names {named}");
        }
    }
}

#[test]
fn every_id_written_anywhere_exists() {
    let specification = specification();
    let files = ["src", "tests"].into_iter().flat_map(|name| files_below(&folder(name), "rs"));
    let files = files.chain(requirement_files());
    let missing = files.flat_map(|(path, text)| {
        let ids = ids_in(&text).into_iter().filter(|id| !exists(&specification, id));
        ids.map(|id| format!("{path} names {id}")).collect::<Vec<_>>()
    });
    assert_none(missing);
}

#[test]
fn every_error_names_a_requirement_that_exists() {
    let specification = specification();
    let errors = errors_in_src();
    assert!(errors.len() > 100, "the errors were not found");
    let missing = errors.into_iter().filter(|(_, id)| !exists(&specification, id));
    assert_none(missing.map(|(place, id)| format!("{place} names {id:?}")));
}

#[test]
fn every_error_is_provoked_by_a_vector_or_expected_by_a_test() {
    let expected = expected_ids();
    let hidden = |id: &String| HIDDEN.contains(&id.as_str());
    let unseen = |(_, id): &(String, String)| !expected.contains(id) && !hidden(id);
    let never = errors_in_src().into_iter().filter(unseen);
    assert_none(never.map(|(place, id)| format!("{place}: no test has ever seen {id}")));
    assert_none(HIDDEN.into_iter().filter(|id| expected.contains(*id)).map(str::to_owned));
}

#[test]
fn a_requirement_is_either_shown_by_a_test_or_says_why_not() {
    let shown = shown_ids();
    let mut wrong = Vec::new();
    for (subject, Requirement { id, untested, .. }) in specification().requirements() {
        match (shown.contains(id.as_str()), untested) {
            (true, Some(_)) => wrong.push(format!("{id} ({subject}) is shown: remove untested")),
            (false, None) => wrong.push(format!("{id} ({subject}) is shown by no test or vector")),
            _ => {}
        }
    }
    assert_none(wrong);
}

#[test]
fn an_id_is_seen_only_where_it_stands_alone() {
    let text = "PONG-01, (GGEP-12) \"BYE-03\" SHA-256 X-PONG-04 PONG-5 PONG-06-07 xPONG-08 UTF-16";
    assert_eq!(ids_in(text), ["PONG-01", "GGEP-12", "BYE-03"]);
}

/// The ids that vectors name which are run, and that tests cite in their comments: in `tests`, and in the test code
/// of `src`. An id elsewhere in a test may be an example, which shows nothing.
fn shown_ids() -> BTreeSet<String> {
    let tests = files_below(&folder("tests"), "rs").into_iter().map(|(_, text)| text);
    let texts = tests.chain(read_src().into_iter().map(|file| file.test_text));
    let by_tests = texts.flat_map(|text| {
        let comments = text.lines().filter(|line| line.trim_start().starts_with("//"));
        comments.flat_map(ids_in).collect::<Vec<_>>()
    });
    let is_run =
        |vector: &Table| !text_of(vector, "kind").is_some_and(|kind| WAITING.contains(&&*kind));
    let run = vectors().into_iter().filter(|(_, vector)| is_run(vector));
    let by_vectors = run.flat_map(|(_, vector)| texts_of(&vector, "requirements"));
    by_tests.chain(by_vectors).collect()
}

/// Each requirement that the code can report as broken, with the place where it does.
fn errors_in_src() -> Vec<(String, String)> {
    let mut errors = Vec::new();
    for source in read_src() {
        let tokens = &source.shipped;
        let named = (0..tokens.len()).filter(|&at| {
            matches(tokens, at, "Expect :: new (") || matches(tokens, at, "Rule :: new (")
        });
        for token in named.filter_map(|at| tokens.get(at + 4)).filter(|token| token.is_literal()) {
            errors.push((format!("src/{}:{}", source.path, token.line), token.text.clone()));
        }
    }
    errors
}

/// The ids that vectors expect as errors or faults, and those in the code of tests, where they are
/// compared with what was reported. The tests of `filbert spec` only look ids up.
fn expected_ids() -> BTreeSet<String> {
    let tests = files_below(&folder("tests"), "rs").into_iter();
    let tests = tests.filter(|(path, _)| !path.contains("spec")).map(|(_, text)| text);
    let texts = tests.chain(read_src().into_iter().map(|file| file.test_text));
    let by_tests = texts.flat_map(|text| {
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        code.flat_map(ids_in).collect::<Vec<_>>()
    });
    let by_vectors = vectors().into_iter().flat_map(|(_, vector)| {
        let (error, faults) = (texts_of(&vector, "error"), texts_of(&vector, "faults"));
        error.into_iter().chain(faults)
    });
    by_tests.chain(by_vectors).collect()
}

/// Everything in the text that looks like the id of a requirement and stands alone.
fn ids_in(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && !['-', '_'].contains(&c));
    words
        .filter(|word| word.parse::<RequirementId>().is_ok() && !LOOK_ALIKES.contains(word))
        .map(str::to_owned)
        .collect()
}

#[track_caller]
fn assert_none(complaints: impl IntoIterator<Item = String>) {
    let complaints: Vec<_> = complaints.into_iter().collect();
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

fn exists(specification: &Specification, id: &str) -> bool {
    id.parse().is_ok_and(|id| specification.find(&id).is_some())
}

/// The first columns of the tables of kinds: each row starts with `` | `kind` | ``.
fn kinds_in_readme() -> BTreeSet<String> {
    let readme = std::fs::read_to_string(folder("protocol-spec/README.md")).unwrap();
    let tables = readme.split("### ").filter(|section| section.starts_with("Kinds"));
    let lines = tables.flat_map(str::lines);
    let rows = lines.filter_map(|line| line.strip_prefix("| `")?.split_once("` |"));
    rows.map(|(kind, _)| kind.to_owned()).collect()
}

/// The files of requirements as name and text, without those of vectors in the folder below.
fn requirement_files() -> Vec<(String, String)> {
    let mut files = files_below(&folder("protocol-spec/gnutella"), "toml");
    let fasttrack = files_below(&folder("protocol-spec/fasttrack"), "toml");
    files.retain(|(path, _)| !path.contains('/'));
    let own = fasttrack.into_iter().filter(|(path, _)| !path.contains('/'));
    files.extend(own.map(|(path, text)| (format!("fasttrack/{path}"), text)));
    files
}

/// Every vector with the name of its file.
fn vectors() -> Vec<(String, Table)> {
    let folders = ["protocol-spec/gnutella/vectors", "protocol-spec/fasttrack/vectors"];
    let files = folders.into_iter().flat_map(|name| files_below(&folder(name), "toml"));
    let mut vectors = Vec::new();
    for (path, text) in files {
        let table: Table = text.parse().unwrap_or_else(|error| panic!("{path}: {error}"));
        assert_eq!(table.keys().collect::<Vec<_>>(), ["vector"], "{path} holds vectors only");
        let Value::Array(list) = &table["vector"] else { panic!("{path}: not a list") };
        vectors
            .extend(list.iter().map(|vector| (path.clone(), vector.as_table().unwrap().clone())));
    }
    vectors
}

fn text_of(vector: &Table, key: &str) -> Option<String> {
    vector.get(key)?.as_str().map(str::to_owned)
}

/// The texts under a key, of which there may be one, a list of them or none.
fn texts_of(vector: &Table, key: &str) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or("what is no text").to_owned();
    match vector.get(key) {
        None => Vec::new(),
        Some(Value::Array(list)) => list.iter().map(text).collect(),
        Some(value) => vec![text(value)],
    }
}

fn specification() -> Specification {
    Specification::embedded().unwrap()
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}
