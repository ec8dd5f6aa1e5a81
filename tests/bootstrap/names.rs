use std::collections::BTreeSet;

use filbert::gnutella::bootstrap::Names;

use crate::desk::{ALONE, Desk, rules, udp_of};

/// BOOT-02, BOOT-06
#[test]
fn the_names_that_come_with_the_program_can_be_used() {
    let names = Names::built_in().unwrap();
    assert!(names.udp.len() >= 9 && names.web.len() >= 10, "{names:?}");
    let distinct: BTreeSet<String> = (names.udp.iter().map(ToString::to_string))
        .chain(names.web.iter().map(ToString::to_string))
        .collect();
    assert_eq!(distinct.len(), names.udp.len() + names.web.len());
}

#[test]
fn names_that_somebody_has_written_down_are_read_or_the_wrong_one_is_named() {
    let texts = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
    let names = Names::parse(&texts(&["a.net:1", "b.net"]), &texts(&["http://c.net"])).unwrap();
    assert_eq!(names.udp[1].to_string(), "b.net:6346");
    assert_eq!(names.web[0].to_string(), "http://c.net/");
    let wrong = Names::parse(&texts(&["a.net:0"]), &[]).unwrap_err().to_string();
    assert!(wrong.contains("a.net:0") && wrong.contains("port"), "{wrong}");
    let wrong = Names::parse(&[], &texts(&["https://c.net"])).unwrap_err().to_string();
    assert!(wrong.contains("https://c.net") && wrong.contains("http://"), "{wrong}");
}

/// Each node asks them in an order of its own, and the same seed gives the same.
#[test]
fn nodes_do_not_all_ask_the_same_cache_first() {
    let first = |seed| {
        let asked = Desk::with_seed(rules(9, 0), &[], seed).stand(ALONE);
        udp_of(&asked)[0].to_string()
    };
    let firsts: BTreeSet<String> = (0..50).map(first).collect();
    assert!(firsts.len() >= 7, "{firsts:?}");
    assert_eq!(first(1), first(1));
}
