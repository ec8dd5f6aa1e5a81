//! What flags, variables and file come to together; what single values mean is tested beside them.

mod outcome;

use std::io;
use std::path::{Path, PathBuf};

use super::keys::{self, FlagKind};
use super::*;
use crate::gnutella::link::Role;

/// A machine on which nothing depends on where the test runs.
fn surroundings(environment: &[(&str, &str)]) -> Surroundings {
    let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).into());
    Surroundings {
        environment: environment.iter().map(own).collect(),
        working_dir: "/work".into(),
        user_home: Some("/home/me".into()),
        state_dir: Some("/home/me/.local/state".into()),
        config_dir: Some("/home/me/.config".into()),
    }
}

fn given(flags: &[(&str, &str)]) -> Given {
    let mut given = Given::default();
    for (long, value) in flags {
        let flag = keys::flags().find(|flag| flag.long == *long).unwrap();
        let is_switch = matches!(flag.kind, FlagKind::Switch(_));
        given.insert(&flag, if is_switch { vec![] } else { vec![(*value).to_owned()] });
    }
    given
}

fn read(
    flags: &[(&str, &str)],
    variables: &[(&str, &str)],
    file: &str,
) -> Result<Settings, Problems> {
    Settings::read(&given(flags), &surroundings(variables), |_| Ok(file.to_owned()))
}

/// The only thing that is wrong.
#[track_caller]
fn problem(flags: &[(&str, &str)], variables: &[(&str, &str)], file: &str) -> String {
    let problems = read(flags, variables, file).unwrap_err();
    assert_eq!(problems.sentences().len(), 1, "{:?}", problems.sentences());
    problems.to_string()
}

fn missing(_: &Path) -> io::Result<String> {
    Err(io::ErrorKind::NotFound.into())
}

#[test]
fn with_nothing_said_everything_is_a_default() {
    let settings = Settings::read(&Given::default(), &surroundings(&[]), missing).unwrap();
    assert_eq!(settings.home, Path::new("/home/me/.local/state/filbert"));
    assert_eq!(settings.config_file, Path::new("/home/me/.config/filbert/config.toml"));
    assert_eq!(settings.downloads, Path::new("/home/me/.local/state/filbert/downloads"));
    assert_eq!(settings.listen.to_string(), "[::]:6346");
    assert_eq!(settings.api.listen.to_string(), "127.0.0.1:6381");
    let (home, file) = (settings.home.clone(), settings.config_file.clone());
    assert_eq!(settings, Settings::defaults(home, file));
    assert!(keys::all().all(|key| settings.source(key.name) == Source::Default));
}

#[test]
fn a_flag_wins_over_a_variable_and_that_over_the_file() {
    let file = "\nlisten = 1\nrole = 'leaf'\nlog.filter = 'warn'";
    let variables = [("FILBERT_LISTEN", "2"), ("FILBERT_LOG", "error")];
    let settings = read(&[("listen", "3")], &variables, file).unwrap();
    assert_eq!((settings.listen.port(), settings.log.filter.as_str()), (3, "error"));
    assert_eq!(settings.role, RolePolicy::Always(Role::Leaf));
    let sources = ["listen", "log.filter", "role", "api.listen"].map(|name| settings.source(name));
    let path = settings.config_file.clone();
    assert_eq!(
        sources,
        [
            Source::Flag("listen"),
            Source::Environment("FILBERT_LOG"),
            Source::File { path, line: 3 },
            Source::Default,
        ]
    );
}

#[test]
fn a_list_replaces_those_before_it() {
    let file = "connect = ['a', 'b']";
    let names =
        |settings: Settings| settings.connect.iter().map(Endpoint::to_string).collect::<Vec<_>>();
    assert_eq!(names(read(&[], &[], file).unwrap()), ["a:6346", "b:6346"]);
    let variables = [("FILBERT_CONNECT", "c:1, [::1]:2,")];
    assert_eq!(names(read(&[], &variables, file).unwrap()), ["c:1", "[::1]:2"]);
    assert_eq!(names(read(&[("connect", "d")], &variables, file).unwrap()), ["d:6346"]);
}

#[test]
fn every_flag_says_the_same_as_its_variable() {
    for (long, flag_value, variable_value) in [
        ("listen", "127.0.0.1:7", "127.0.0.1:7"),
        ("bind", "192.0.2.1", "192.0.2.1"),
        ("advertise", "8.8.8.8:9", "8.8.8.8:9"),
        ("role", "ultrapeer", "ultrapeer"),
        ("connect", "host:1", "host:1"),
        ("no-bootstrap", "", "1"),
        ("allow-private", "", "yes"),
        ("share", "music", "music"),
        ("downloads", "/d", "/d"),
        ("api", "off", "off"),
        ("api-allow-remote", "", "on"),
        ("log", "debug", "debug"),
        ("log-format", "json", "json"),
        ("fasttrack", "on", "on"),
        ("fasttrack-role", "supernode", "supernode"),
        ("fasttrack-connect", "host:1", "host:1"),
    ] {
        let by_flag = read(&[(long, flag_value)], &[], "").unwrap();
        let variable = keys::flags().find(|flag| flag.long == long).unwrap().environment;
        let by_variable = read(&[], &[(variable, variable_value)], "").unwrap();
        let changed = by_flag.differing(&by_variable);
        assert!(changed.is_empty(), "{long}: {changed:?}");
        let defaults = read(&[], &[], "").unwrap();
        assert_eq!(by_flag.differing(&defaults).len(), 1, "{long} changes one key");
    }
    let tested = 16;
    assert_eq!(keys::flags().count(), tested + 2, "beside --home and --config");
}

#[test]
fn a_switch_can_be_turned_back_by_its_variable_and_an_empty_variable_says_nothing() {
    let file = "allow_private = true\n[bootstrap]\nenabled = false";
    let variables = [("FILBERT_ALLOW_PRIVATE", "0"), ("FILBERT_NO_BOOTSTRAP", "false")];
    let settings = read(&[], &variables, file).unwrap();
    assert!(!settings.allow_private && settings.bootstrap.enabled);
    let settings = read(&[], &[("FILBERT_ALLOW_PRIVATE", "")], file).unwrap();
    assert!(settings.allow_private);
}

#[test]
fn paths_begin_where_they_were_written() {
    let file =
        "share = ['music', '~/films', '/data']\ndownloads = 'in'\napi.listen = 'unix:api.sock'";
    let settings = read(&[("home", "node")], &[], file).unwrap();
    assert_eq!(settings.home, Path::new("/work/node"));
    assert_eq!(settings.config_file, Path::new("/work/node/config.toml"));
    let shared: Vec<_> = ["/work/node/music", "/home/me/films", "/data"].map(PathBuf::from).into();
    assert_eq!((settings.share, settings.downloads), (shared, "/work/node/in".into()));
    assert_eq!(settings.api.listen, ApiAddress::Unix("/work/node/api.sock".into()));
    let settings = read(&[], &[("FILBERT_SHARE", "a:/b:")], "").unwrap();
    assert_eq!(settings.share, [PathBuf::from("/work/a"), "/b".into()]);
    assert_eq!(read(&[("share", "~")], &[], "").unwrap().share, [PathBuf::from("/home/me")]);
}

#[test]
fn a_file_that_is_named_has_to_be_there() {
    let reading =
        |flags, variables: &[_]| Settings::read(&given(flags), &surroundings(variables), missing);
    assert!(reading(&[("home", "/h")], &[]).is_ok());
    for (flags, variables, start) in [
        (&[("config", "c.toml")][..], &[][..], "--config: there is no file /work/c.toml;"),
        (&[], &[("FILBERT_CONFIG", "/c")], "FILBERT_CONFIG: there is no file /c;"),
    ] {
        let problems = reading(flags, variables).unwrap_err();
        assert!(problems.to_string().starts_with(start), "{problems}");
    }
}

#[test]
fn without_a_home_directory_the_node_needs_to_be_given_one() {
    let nowhere = Surroundings { working_dir: "/work".into(), ..Surroundings::default() };
    let problems = Settings::read(&Given::default(), &nowhere, missing).unwrap_err();
    assert!(problems.to_string().contains("--home DIR"), "{problems}");
    assert!(Settings::read(&given(&[("home", "/h")]), &nowhere, missing).is_ok());
}

#[test]
fn a_wrong_value_is_one_sentence_that_says_where_it_stands_and_what_to_write() {
    for (flags, variables, file, says) in [
        (
            &[("listen", "x")][..],
            &[][..],
            "",
            "--listen: 'x' is no address; write ADDR:PORT, ADDR,",
        ),
        (&[], &[("FILBERT_ROLE", "king")], "", "FILBERT_ROLE: 'king' is no role; write \"auto\","),
        (
            &[],
            &[("FILBERT_NO_BOOTSTRAP", "x")],
            "",
            "FILBERT_NO_BOOTSTRAP: 'x' is no switch; write 1",
        ),
        (&[], &[], "\ntls = 1", "config.toml:2: tls: 1 is no switch; write true or false"),
        (
            &[],
            &[],
            "connect = [1]",
            "config.toml:1: connect: 1 is no text; write a list of HOST:PORT",
        ),
        (&[], &[], "listen = 1.5", "a fraction is no text; write ADDR:PORT"),
        (&[], &[], "listen = 65536", "'65536' is no port"),
        (&[], &[], "log.filter = 'inof'", "'inof' is no log filter; write off, error,"),
        (&[], &[], "bootstrap.web_caches = ['ftp://x']", "'ftp://x' cannot be asked: it does not"),
        (
            &[],
            &[],
            "bandwidth.upload_bytes_per_s = 999",
            "999 is out of range; write \"unlimited\"",
        ),
        (&[], &[], "bandwidth.upload_bytes_per_s = -1", "-1 is out of range"),
        (&[], &[], "neighbours.leaves_max = 0", "0 is out of range; write \"auto\", which is 300"),
        (&[], &[], "neighbours.leaves_max = 50001", "50001 is out of range"),
        (&[], &[], "neighbours.leaves_max = 'many'", "'many' is no number"),
        (&[("share", "")], &[], "", "--share: an empty path leads nowhere"),
        (&[("bind", "0.0.0.0")], &[], "", "--bind: 0.0.0.0 is the address of no machine"),
        (&[("listen", "224.0.0.1")], &[], "", "--listen: 224.0.0.1 is the address of no machine"),
        (&[("advertise", "8.8.8.8:0")], &[], "", "--advertise: '8.8.8.8:0' has the port 0"),
        (&[("advertise", "::")], &[], "", "--advertise: nobody can call ::; write your public"),
    ] {
        let problem = problem(flags, variables, file);
        assert!(problem.contains(says), "{problem}\ndoes not say\n{says}");
    }
}

#[test]
fn an_address_that_is_of_use_in_some_networks_only_is_warned_of() {
    let warnings = |flags: &[(&str, &str)]| read(flags, &[], "").unwrap().warnings().join("\n");
    for address in ["10.0.0.1", "127.0.0.1:9", "203.0.113.7:6346", "[2001:db8::1]:5"] {
        let warning = warnings(&[("advertise", address)]);
        assert!(warning.starts_with("--advertise: nobody on the Internet can call "), "{warning}");
        let both = [("advertise", address), ("allow-private", "")];
        assert_eq!(warnings(&both), "", "{address}");
    }
    assert_eq!(warnings(&[("advertise", "8.8.8.8:9")]), "");
}

#[test]
fn all_that_is_wrong_is_told_at_once() {
    let problems =
        read(&[("listen", "x")], &[("FILBERT_API", "y")], "bind = 1\nrloe = 2").unwrap_err();
    assert_eq!(problems.sentences().len(), 4);
    assert!(problems.to_string().ends_with("; 'filbert config check' shows 3 more problems"));
}

#[test]
fn an_api_for_other_machines_has_to_be_allowed() {
    let remote = [("api", "0.0.0.0:6381")];
    let refusal = problem(&remote, &[], "");
    assert!(refusal.starts_with("--api: other machines could call"), "{refusal}");
    assert!(refusal.contains("allow it with --api-allow-remote"), "{refusal}");
    assert!(read(&remote, &[], "[api]\nallow_remote = true").is_ok());
    assert!(read(&remote, &[("FILBERT_API_ALLOW_REMOTE", "true")], "").is_ok());
    assert!(read(&[remote[0], ("api-allow-remote", "")], &[], "").is_ok());
    for local in ["127.9.9.9:1", "[::1]:1", "::ffff:127.0.0.1", "unix:/run/x", "off", "0"] {
        assert!(read(&[("api", local)], &[], "").is_ok(), "{local}");
    }
}

#[test]
fn a_variable_that_is_nearly_ours_is_a_warning_and_others_are_not() {
    let variables = [("FILBERT_LISTN", "1"), ("FILBERT_SERVICE_HOST", "x"), ("FILBERT_TOKEN", "x")];
    let settings = read(&[], &variables, "").unwrap();
    let expected = "FILBERT_LISTN means nothing; write FILBERT_LISTEN if you mean that";
    assert_eq!(settings.warnings(), [expected]);
}

#[test]
fn what_is_of_no_use_alone_is_warned_of() {
    let settings = read(&[], &[], "multicast = true").unwrap();
    let of_no_use = "hosts of the local network are of use only with allow_private = true";
    assert!(settings.warnings().iter().any(|warning| warning.ends_with(of_no_use)));
    let settings = read(&[], &[], "multicast = true\nallow_private = true").unwrap();
    assert!(settings.warnings().is_empty(), "{:?}", settings.warnings());
    let settings = read(&[], &[], "port_mapping = true").unwrap();
    let lacks = "this program cannot ask a router; build it with --features port-mapping";
    let is_warned = settings.warnings().iter().any(|warning| warning.ends_with(lacks));
    assert_ne!(is_warned, cfg!(feature = "port-mapping"));
}
