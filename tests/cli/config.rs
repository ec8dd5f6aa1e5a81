//! `filbert config`: what it shows, and what it says of a wrong configuration.

use std::fs;

use serde_json::Value;

use crate::scratch::{Ran, filbert, folder, printed};

#[test]
fn shown_is_what_holds_and_where_it_comes_from() {
    let home = folder("shown_is_what_holds");
    let config = home.join("xdg/filbert");
    fs::create_dir_all(&config).unwrap();
    fs::write(config.join("config.toml"), "listen = 1\nrole = 'leaf'\n[log]\nfilter = 'warn'\n")
        .unwrap();
    let xdg = home.join("xdg");
    let variables = [("XDG_CONFIG_HOME", xdg.to_str().unwrap()), ("FILBERT_LISTEN", "2")];
    let json = printed(&home, &variables, &["config", "show", "--json", "--log", "debug"]);
    let json: Value = serde_json::from_str(&json).unwrap();
    let shown = |name: &str| (json[name]["value"].clone(), json[name]["from"].clone());
    assert_eq!(shown("listen"), ("[::]:2".into(), "environment".into()));
    assert_eq!(shown("log.filter"), ("debug".into(), "flag".into()));
    assert_eq!(shown("role"), ("leaf".into(), "file".into()));
    assert_eq!(shown("tls"), (true.into(), "default".into()));
    let state = home.join(".local/state/filbert");
    assert_eq!(json["home"]["value"], state.to_str().unwrap());
    assert!(!state.exists(), "nothing is made for being shown");
}

#[test]
fn what_is_shown_is_a_configuration_that_says_the_same() {
    let home = folder("what_is_shown_is_a_configuration");
    let flags =
        ["--connect", "a.example", "--connect", "[::1]:7", "--api", "off", "--no-bootstrap"];
    let shown = printed(&home, &[], &[&["config", "show"], &flags[..]].concat());
    assert!(shown.contains("# --connect\n"), "{shown}");
    fs::write(home.join("copy.toml"), &shown).unwrap();
    let again = printed(&home, &[], &["config", "show", "--config", "copy.toml"]);
    let values = |text: &str| -> toml::Table { text.parse().unwrap() };
    assert_eq!(values(&again), values(&shown));
}

#[test]
fn a_right_file_is_ok_by_name_and_may_be_missing_if_nobody_has_named_it() {
    let home = folder("a_right_file_is_ok");
    fs::write(home.join("mine.toml"), "listen = 0\n").unwrap();
    let path = home.join("mine.toml");
    let expected = format!("ok: {}\n", path.display());
    assert_eq!(printed(&home, &[], &["config", "check", "mine.toml"]), expected);
    assert_eq!(printed(&home, &[("FILBERT_CONFIG", "mine.toml")], &["config", "check"]), expected);
    let expected = format!("ok: {}/node/config.toml (there is no such file)\n", home.display());
    assert_eq!(printed(&home, &[], &["config", "check", "--home", "node"]), expected);
}

#[test]
fn every_problem_is_a_sentence_and_the_exit_code_is_2() {
    let home = folder("every_problem_is_a_sentence");
    fs::write(home.join("bad.toml"), "listen = 'x'\n\n[api]\nlisten = '8.8.8.8:1'\nlisen = 1\n")
        .unwrap();
    for command in
        [&["config", "check", "bad.toml"][..], &["config", "show", "--config", "bad.toml"]]
    {
        let arguments = [command, &["--advertise", "0.0.0.0"]].concat();
        let Ran { code, out, err } = filbert(&home, &[], &arguments);
        assert_eq!((code, out.as_str()), (2, ""), "{err}");
        let bad = home.join("bad.toml");
        let starts = [
            format!(
                "filbert: {}:5: there is no key 'api.lisen'; write 'api.listen'",
                bad.display()
            ),
            format!("filbert: {}:1: listen: 'x' is no address; write ", bad.display()),
            format!("filbert: {}:4: other machines could call the API", bad.display()),
            "filbert: --advertise: nobody can call 0.0.0.0; write ".to_owned(),
        ];
        assert_eq!(err.lines().count(), starts.len(), "{err}");
        for start in starts {
            assert!(err.lines().any(|line| line.starts_with(&start)), "{start}\nis not in\n{err}");
        }
    }
}

#[test]
fn a_file_that_is_named_and_missing_is_an_error() {
    let home = folder("a_file_that_is_named_and_missing");
    for arguments in
        [&["config", "check", "x.toml"][..], &["config", "check", "--config", "x.toml"]]
    {
        let Ran { code, err, .. } = filbert(&home, &[], arguments);
        assert_eq!(code, 2);
        assert!(err.contains(&format!("there is no file {}/x.toml", home.display())), "{err}");
        assert_eq!(err.lines().count(), 1, "{err}");
    }
    let Ran { err, .. } = filbert(&home, &[], &["config", "check", "x.toml"]);
    assert!(err.starts_with("filbert: there is no file"), "no flag was given: {err}");
    let Ran { code, err, .. } = filbert(&home, &[], &["config", "check", "."]);
    assert_eq!(code, 2, "{err}");
    assert!(err.contains("cannot read"), "{err}");
}

#[test]
fn a_variable_that_is_nearly_ours_is_pointed_out_and_no_error() {
    let home = folder("a_variable_that_is_nearly_ours");
    let Ran { code, out, err } = filbert(&home, &[("FILBERT_ROL", "leaf")], &["config", "check"]);
    assert!(code == 0 && out.starts_with("ok: "), "{err}");
    assert_eq!(err, "filbert: FILBERT_ROL means nothing; write FILBERT_ROLE if you mean that\n");
}
