//! What web caches answer.

use filbert::base::limits::{CACHES_OF_ANSWER_MAX, WEB_CACHE_HOSTS_MAX, WEB_CACHE_REPLY_LEN_MAX};
use filbert::gnutella::bootstrap::{Reply, Useless, WebCacheUrl};
use proptest::prelude::*;

fn read(body: &str) -> Result<(Vec<String>, Vec<String>), Useless> {
    let Reply { hosts, caches, .. } = Reply::read(200, body.as_bytes())?;
    Ok((
        hosts.iter().map(ToString::to_string).collect(),
        caches.iter().map(ToString::to_string).collect(),
    ))
}

fn hosts(body: &str) -> Vec<String> {
    read(body).unwrap().0
}

/// BOOT-08
#[test]
fn a_reply_of_version_1_is_a_list_of_lines() {
    let body = "1.2.3.4:6346\n5.6.7.8:1\nhttp://cache.example.net/gwc.php\n";
    let expected = (
        vec!["1.2.3.4:6346".into(), "5.6.7.8:1".into()],
        vec!["http://cache.example.net/gwc.php".into()],
    );
    assert_eq!(read(body), Ok(expected.clone()));
    for (from, to) in
        [("\n", "\r\n"), ("\n", "\r"), ("\n", " \t\n\n"), ("1.2.3.4", "\u{feff}1.2.3.4")]
    {
        assert_eq!(read(&body.replace(from, to)), Ok(expected.clone()), "{to:?}");
    }
    assert_eq!(
        hosts(&format!("PONG Beacon 0.1\n{body}what is this\nhost.name:6346\n")),
        expected.0
    );
}

/// BOOT-09
#[test]
fn a_reply_of_version_2_is_a_list_of_marked_lines() {
    let body = "I|pong|Skulls 1.2|gnutella-gnutella2\r\nH|1.2.3.4:6346|3600\r\nh|5.6.7.8:1|9|x|40|GTKG|7\r\n\
        U|http://cache.example.net/gwc.php|384\r\nI|WARNING|You came back too early\r\nX|1.1.1.1:1\r\n\
        H|name.net:6346|1\r\nU|uhc:1.2.3.4:6346|1\r\nH\r\nU|\r\n";
    let expected = (
        vec!["1.2.3.4:6346".into(), "5.6.7.8:1".into()],
        vec!["http://cache.example.net/gwc.php".into()],
    );
    assert_eq!(read(body), Ok(expected));
    assert_eq!(hosts("H | 1.2.3.4:6346 | 3600"), ["1.2.3.4:6346"]);
}

/// BOOT-10
#[test]
fn an_empty_list_is_a_list() {
    for body in ["", "\r\n", "I|pong|Skulls 1.2|gnutella\r\n", "I|pong|Skulls\n", "PONG Beacon 0.1"]
    {
        assert_eq!(read(body), Ok((vec![], vec![])), "{body:?}");
    }
}

/// BOOT-10
#[test]
fn nothing_is_taken_from_what_is_no_list() {
    for (body, why) in [
        ("<!DOCTYPE html>\n1.2.3.4:6346\n", Useless::Page),
        ("\u{feff}\n  <html>\n1.2.3.4:6346", Useless::Page),
        ("ERROR: no hosts\n1.2.3.4:6346", Useless::Refused),
        ("error\n", Useless::Refused),
        ("H|1.2.3.4:6346|1\nI|pong|Cachechu|gnutella2\n", Useless::OtherNetwork),
        ("I|pong|Cachechu|mute-foxy\n", Useless::OtherNetwork),
        ("Domain for sale\nCall us\n", Useless::Unreadable),
        ("\u{0}\u{1}", Useless::Unreadable),
    ] {
        assert_eq!(read(body), Err(why), "{body:?}");
    }
    for status in [0, 204, 404, 503] {
        assert_eq!(Reply::read(status, b"1.2.3.4:6346"), Err(Useless::Status(status)));
    }
}

/// BOOT-12
#[test]
fn so_many_hosts_are_taken_and_not_one_more() {
    let taken = |count: usize| {
        let body: String = (0..count).map(|number| format!("5.6.7.8:{}\n", number + 1)).collect();
        hosts(&body).len()
    };
    assert_eq!(taken(WEB_CACHE_HOSTS_MAX), WEB_CACHE_HOSTS_MAX);
    assert_eq!(taken(WEB_CACHE_HOSTS_MAX + 1), WEB_CACHE_HOSTS_MAX);
    assert_eq!(hosts(&"5.6.7.8:9\n".repeat(9)).len(), 1);
}

/// BOOT-05
#[test]
fn so_many_web_caches_are_taken_and_not_one_more() {
    let taken = |count: usize| {
        let body: String =
            (0..count).map(|number| format!("U|http://c{number}.net/|1\n")).collect();
        read(&body).unwrap().1.len()
    };
    assert_eq!(taken(CACHES_OF_ANSWER_MAX), CACHES_OF_ANSWER_MAX);
    assert_eq!(taken(CACHES_OF_ANSWER_MAX + 1), CACHES_OF_ANSWER_MAX);
}

#[test]
fn a_reply_is_read_up_to_so_many_bytes() {
    let line = "5.6.7.8:9";
    let body = |blanks: usize| format!("{}{line}", "\n".repeat(blanks));
    let fits = WEB_CACHE_REPLY_LEN_MAX - line.len();
    assert_eq!(hosts(&body(fits)), [line]);
    assert_eq!(hosts(&body(fits + line.len())), Vec::<String>::new());
}

proptest! {
    /// BOOT-08, BOOT-09, BOOT-10: whatever comes, what is taken has its bounds and reads as it is shown.
    #[test]
    fn any_reply_is_read(
        status in prop_oneof![Just(200_u16), any::<u16>()],
        lines in prop::collection::vec(prop_oneof![
            "[HUIhui]\\|[ -~]{0,40}",
            "[0-9.]{0,15}:[0-9]{0,6}",
            "http://[ -~]{0,40}",
            "I\\|(pong|update|WARNING)\\|[ -~]{0,30}",
            "\\PC{0,40}",
        ], 0..60),
        end in prop_oneof![Just("\n"), Just("\r\n"), Just("\r")],
        junk in prop::collection::vec(any::<u8>(), 0..60),
    ) {
        let mut body = lines.join(end).into_bytes();
        body.extend(junk);
        let Ok(reply) = Reply::read(status, &body) else { return Ok(()) };
        prop_assert_eq!(status, 200);
        prop_assert!(reply.hosts.len() <= WEB_CACHE_HOSTS_MAX);
        prop_assert!(reply.caches.len() <= CACHES_OF_ANSWER_MAX);
        for cache in &reply.caches {
            let again: WebCacheUrl = cache.to_string().parse().unwrap();
            prop_assert_eq!(&again, cache);
        }
        let shown: String = (reply.hosts.iter().map(|host| format!("{host}\n")))
            .chain(reply.caches.iter().map(|cache| format!("U|{cache}|1\n")))
            .collect();
        let again = Reply::read(200, shown.as_bytes()).unwrap();
        prop_assert_eq!((again.hosts, again.caches), (reply.hosts, reply.caches));
    }
}
