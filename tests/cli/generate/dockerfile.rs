use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::scratch::{folder, printed};

/// The lines, each an instruction and what follows; comments are left out.
fn instructions(text: &str) -> Vec<(&str, &str)> {
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| line.split_once(' ').unwrap()).collect()
}

fn dockerfile(name: &str) -> String {
    printed(&folder(name), &[], &["generate", "dockerfile"])
}

fn cargo(directory: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO")).current_dir(directory).args(arguments).output().unwrap()
}

/// What is copied out of the sources, and to where.
fn copied<'a>(instructions: &[(&str, &'a str)]) -> Vec<(Vec<&'a str>, &'a str)> {
    let copies =
        instructions.iter().filter(|(name, rest)| *name == "COPY" && !rest.starts_with("--"));
    let split = |rest: &'a str| {
        let mut words: Vec<_> = rest.split(' ').collect();
        let target = words.pop().unwrap();
        (words, target)
    };
    copies.map(|(_, rest)| split(rest)).collect()
}

#[test]
fn every_instruction_is_one_of_docker() {
    let text = dockerfile("every_instruction");
    let known = [
        "FROM",
        "WORKDIR",
        "COPY",
        "RUN",
        "USER",
        "ENV",
        "VOLUME",
        "EXPOSE",
        "STOPSIGNAL",
        "HEALTHCHECK",
        "ENTRYPOINT",
        "CMD",
    ];
    let instructions = instructions(&text);
    for (name, _) in &instructions {
        assert!(known.contains(name), "{name}");
    }
    let of = |name| -> Vec<_> {
        instructions.iter().filter(|(other, _)| *other == name).map(|(_, rest)| *rest).collect()
    };
    assert_eq!(of("EXPOSE"), ["6346/tcp 6346/udp"]);
    assert_eq!(of("USER"), ["filbert"], "not root");
    assert_eq!(of("FROM"), ["rust:1-slim-trixie AS build", "debian:trixie-slim"], "of one release");
    assert!(of("HEALTHCHECK")[0].ends_with(r#"CMD ["filbert", "status"]"#));
    assert_eq!((of("ENTRYPOINT"), of("CMD")), (vec![r#"["filbert"]"#], vec![r#"["run"]"#]));
}

/// With the files that are copied, and no others, cargo knows the package and all that it declares,
/// and everything that is built into the program is there.
#[test]
fn what_is_copied_is_there_and_is_enough() {
    let text = dockerfile("what_is_copied");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let image = folder("what_is_copied_image");
    let copies = copied(&instructions(&text));
    assert!(copies.len() >= 3, "{copies:?}");
    for (sources, target) in copies {
        for source in sources {
            assert!(root.join(source).exists(), "there is no {source}");
            let target = image.join(target);
            let target = if root.join(source).is_file() { target.join(source) } else { target };
            copy(&root.join(source), &target);
        }
    }
    let output = cargo(&image, &["metadata", "--format-version=1", "--no-deps", "--offline"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut included = 0;
    for_each_file(&image.join("src"), &mut |path| {
        let text = fs::read_to_string(path).unwrap_or_default();
        for piece in text.split("include_str!(\"").skip(1) {
            let included_path = path.parent().unwrap().join(piece.split('"').next().unwrap());
            assert!(
                included_path.exists(),
                "{} includes {}",
                path.display(),
                included_path.display()
            );
            included += 1;
        }
    });
    assert!(included > 10, "{included}");
    assert!(image.join("protocol-spec/gnutella").is_dir(), "built in by way of concat!");
}

#[test]
fn the_build_step_is_a_command_that_cargo_knows() {
    let text = dockerfile("the_build_step");
    let instructions = instructions(&text);
    let (_, build) = instructions.iter().find(|(_, rest)| rest.starts_with("cargo ")).unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let arguments: Vec<_> = build.split(' ').skip(1).collect();
    // The help is printed once all that stands before it has been understood.
    let asks = |arguments: &[&str]| cargo(root, &[arguments, &["-h"]].concat()).status.success();
    assert!(asks(&arguments), "{build}");
    assert!(!asks(&["build", "--relaese"]), "the check sees what is wrong");
    assert!(arguments.contains(&"--locked") && arguments.contains(&"--release"));
    let (_, binary) = build.split_once("--bin ").unwrap();
    let manifest: toml::Table = include_str!("../../../Cargo.toml").parse().unwrap();
    assert_eq!(manifest["package"]["name"].as_str(), Some(binary));
    let taken = format!("--from=build /src/target/release/{binary} ");
    assert!(instructions.iter().any(|(name, rest)| *name == "COPY" && rest.starts_with(&taken)));
}

fn copy(from: &Path, to: &Path) {
    if from.is_file() {
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(from, to).unwrap();
        return;
    }
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        copy(&entry.path(), &to.join(entry.file_name()));
    }
}

fn for_each_file(folder: &Path, visit: &mut impl FnMut(&Path)) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { for_each_file(&path, visit) } else { visit(&path) }
    }
}
