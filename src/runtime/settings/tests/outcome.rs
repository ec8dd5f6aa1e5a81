use super::*;
use crate::control::model::Changed;
use crate::node::host_cache::HostCacheRules;
use crate::promotion::Thresholds;

#[test]
fn what_is_shown_reads_as_the_same() {
    let everything = "
        listen = '127.0.0.1:1'\nbind = '192.0.2.1'\nadvertise = '[2600::1]:2'\nrole = 'ultrapeer'
        connect = ['a:1', '[::1]:2']\nallow_private = true\nmulticast = true\ntls = false
        share = ['/a \"b\"']\ndownloads = '/d'\n[api]\nlisten = 'unix:/s'\nallow_remote = true
        [log]\nfilter = 'info,filbert::node=trace'\nformat = 'json'\n[bootstrap]\nenabled = false
        udp_host_caches = ['u:1']\nweb_caches = ['http://w/x']\nannounce_host_cache = true\n[neighbours]\nleaves_max = 1
        ultrapeers_max = 2\nultrapeers_of_leaf_max = 3\nleaves_per_network = 4
        ultrapeers_per_network = 5\n[bandwidth]\nupload_bytes_per_s = 1000
        download_bytes_per_s = 2000\npromised_upload_bytes_per_s = 3000
        [library]\nthreads = 2\nwatch = false\nrescan_s = 120\n[uploads]\nslots = 3
        slots_per_host = 2\nqueue_len = 5\nshare_parts = false
        [fasttrack]\nlisten = '127.0.0.1:1214'\nrole = 'supernode'\nconnect = ['a:1214']";
    let settings = read(&[], &[], everything).unwrap();
    let defaults = read(&[], &[], "").unwrap();
    let unchanged = keys::all().count() - defaults.differing(&settings).len();
    assert_eq!(unchanged, 1, "port_mapping, which this program may be unable to do");
    for settings in [settings, defaults] {
        let again = read(&[], &[], &settings.to_toml()).unwrap();
        assert_eq!(again.changes(&settings), Changed::default(), "{}", settings.to_toml());
    }
}

#[test]
fn each_value_is_shown_with_where_it_comes_from() {
    let settings = read(&[("home", "/h")], &[("FILBERT_LOG", "warn")], "tls = false").unwrap();
    let shown = settings.to_toml();
    let lines: Vec<_> =
        shown.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    for line in [
        "# home = \"/h\" # --home",
        "# config = \"/h/config.toml\" # default",
        "listen = \"[::]:6346\" # default",
        "tls = false # /h/config.toml:1",
        "[log]",
        "filter = \"warn\" # FILBERT_LOG",
    ] {
        assert!(lines.iter().any(|shown| shown == line), "{line} is not in\n{shown}");
    }
    let json = settings.to_json();
    assert_eq!(json["tls"]["value"], false);
    assert_eq!(json["tls"]["from"], "file");
    assert_eq!(json["tls"]["where"], "/h/config.toml:1");
    assert_eq!(json["tls"]["takes_effect"], "restart");
    assert_eq!((&json["home"]["value"], &json["home"]["from"]), (&"/h".into(), &"flag".into()));
    assert!(json["listen"].get("where").is_none());
}

#[test]
fn a_reload_takes_over_what_it_can_and_names_what_waits() {
    let before = read(&[], &[], "").unwrap();
    let after =
        read(&[], &[], "role = 'leaf'\nlisten = 1\nconnect = ['a']\nshare = ['/s']").unwrap();
    let Changed { changed, at_next_start } = before.changes(&after);
    assert_eq!(changed, ["role", "connect", "share"]);
    assert_eq!(at_next_start, ["listen"]);
    let reloaded = before.reloaded(&after);
    assert_eq!(reloaded.changes(&after), Changed { changed: Vec::new(), at_next_start });
    assert_eq!(reloaded.source("role").kind(), "file");
    assert_eq!(reloaded.source("listen"), Source::Default);
    assert_eq!(reloaded.reloaded(&before), before);
}

#[test]
fn the_example_has_every_key_and_its_default() {
    let example = example();
    let with_nothing = read(&[], &[], &example).unwrap();
    let is_key = |line: &&str| line.starts_with('#') && !line.starts_with("# ");
    assert_eq!(example.lines().filter(is_key).count(), keys::all().count());
    let uncommented: String = example
        .lines()
        .map(|line| format!("{}\n", if is_key(&line) { &line[1..] } else { line }))
        .collect();
    let with_all = read(&[], &[], &uncommented).unwrap();
    let defaults = read(&[], &[], "").unwrap();
    for settings in [with_nothing, with_all.clone()] {
        assert_eq!(settings.changes(&defaults), Changed::default());
    }
    assert!(keys::all().all(|key| with_all.source(key.name).kind() == "file"));
    assert!(example.lines().all(|line| line.chars().count() <= 100), "{example}");
}

#[test]
fn neighbours_become_thresholds() {
    let thresholds = |file: &str| read(&[], &[], file).unwrap().thresholds();
    assert_eq!(thresholds(""), Thresholds::filbert());
    let limits = "[neighbours]\nleaves_max = 5\nultrapeers_max = 100\nultrapeers_of_leaf_max = 1";
    let slots = thresholds(limits).slots;
    assert_eq!((slots.leaves_max, slots.leaves_least), (5, 5));
    assert_eq!((slots.supernodes_max, slots.supernodes_target), (100, 80));
    assert_eq!((slots.leaf_supernodes_max, slots.leaf_supernodes_target), (1, 1));
    // The defaults themselves, written down, change nothing.
    let limits = "[neighbours]\nultrapeers_max = 40\nultrapeers_of_leaf_max = 4";
    assert_eq!(thresholds(limits), Thresholds::filbert());
}

#[test]
fn a_laboratory_may_lie_in_one_network() {
    let settings =
        read(&[("allow-private", "")], &[], "neighbours.leaves_per_network = 7").unwrap();
    let config = settings.node_config();
    assert!(config.allow_private && config.hosts.network_percent == 100);
    let slots = &config.thresholds.slots;
    assert_eq!((slots.leaves_per_network, slots.supernodes_per_network), (7, u32::MAX));
    assert!(!config.thresholds.reach.public_needed);
    let config = read(&[], &[], "").unwrap().node_config();
    assert_eq!((config.role, config.allow_private), (RolePolicy::Auto, false));
    assert!(!config.is_host_cache);
    let cache = read(&[], &[], "bootstrap.announce_host_cache = true").unwrap();
    assert!(cache.node_config().is_host_cache);
    assert_eq!(config.hosts.network_percent, HostCacheRules::default().network_percent);
}

#[test]
fn an_advertised_port_is_the_listening_one_if_none_is_given() {
    let advertised = |text| read(&[("advertise", text)], &[], "").unwrap().advertised(7).unwrap();
    assert_eq!(advertised("8.8.8.8").to_string(), "8.8.8.8:7");
    assert_eq!(advertised("8.8.8.8:9").to_string(), "8.8.8.8:9");
    assert_eq!(read(&[], &[], "").unwrap().advertised(7), None);
}

#[test]
fn caches_that_are_named_stand_in_place_of_ours() {
    let built_in = read(&[], &[], "").unwrap().host_caches().unwrap();
    assert!(!built_in.udp.is_empty());
    let file = "[bootstrap]\nudp_host_caches = ['u.example:1']\nweb_caches = []";
    let named = read(&[], &[], file).unwrap().host_caches().unwrap();
    assert_eq!((named.udp.len(), named.web.len()), (1, 0));
    assert_eq!(named.udp[0].to_string(), "u.example:1");
}
