use std::net::SocketAddr;

use filbert::base::limits::{
    ALTERNATES_TAKEN_MAX, ALTERNATES_TOLD_MAX, LOCATION_PROXIES_MAX, LOCATION_PROXIES_TOLD_MAX,
    PUSHED_ALTERNATES_TAKEN_MAX, PUSHED_ALTERNATES_TOLD_MAX,
};
use filbert::base::urn::Urn;
use filbert::gnutella::http::{
    AltHost, Alternates, Form, NodeInfo, OwnHead, PushLocation, PushProxies, Status,
};
use filbert::gnutella::wire::Guid;

use crate::{SHA1, head, text, written};

const GUID: &str = "9dbc52eeebca2c8a79036d626b959900";

fn sha1() -> [u8; 20] {
    *Urn::parse(format!("urn:sha1:{SHA1}").as_bytes()).unwrap().sha1().unwrap()
}

fn read(lines: &str) -> Alternates {
    Alternates::of(&head(lines), &sha1())
}

fn host(address: &str, tls: bool) -> AltHost {
    AltHost { address: address.parse().unwrap(), tls }
}

fn lines(alternates: &Alternates) -> String {
    let mut own = OwnHead::response(Status::OK);
    alternates.write_to(&mut own);
    text(&own)
}

fn addresses(hosts: &[AltHost]) -> Vec<String> {
    hosts.iter().map(|host| host.address.to_string()).collect()
}

/// ALTLOC-01, ALTLOC-02
#[test]
fn hosts_have_a_content_or_have_it_no_longer() {
    let found = read(
        "X-Alt: 1.2.3.4:5, 6.7.8.9,\r\n [2001:db8::1]:7\r\nx-alt: 9.9.9.9:1, x, 1.1.1.1:0, example.net:5\r\n\
         X-NAlt: 4.3.2.1:5",
    );
    assert_eq!(
        addresses(&found.hosts),
        ["1.2.3.4:5", "6.7.8.9:6346", "[2001:db8::1]:7", "9.9.9.9:1"]
    );
    assert_eq!(addresses(&found.gone), ["4.3.2.1:5"]);
    let expected = "HTTP/1.1 200 OK\r\nX-Alt: 1.2.3.4:5, 6.7.8.9:6346, [2001:db8::1]:7, 9.9.9.9:1\r\n\
                    X-NAlt: 4.3.2.1:5\r\n\r\n";
    assert_eq!(lines(&found), expected);
    assert!(read("X: y").is_empty());
    assert_eq!(lines(&Alternates::default()), "HTTP/1.1 200 OK\r\n\r\n");
}

/// ALTLOC-03
#[test]
fn some_hosts_take_tls() {
    let hosts = ["1.1.1.1:1", "2.2.2.2:2", "3.3.3.3:3", "4.4.4.4:4", "5.5.5.5:5"];
    let found = read(&format!("X-Alt: tls=28,{}", hosts.join(",")));
    let tls: Vec<bool> = found.hosts.iter().map(|host| host.tls).collect();
    assert_eq!(tls, [false, false, true, false, true]);
    assert_eq!(
        lines(&found),
        format!("HTTP/1.1 200 OK\r\nX-Alt: tls=28, {}\r\n\r\n", hosts.join(", "))
    );
    let damaged = read("X-Alt: TLS=F, 1.1.1.1:1, x, 2.2.2.2:2");
    assert_eq!(damaged.hosts, [host("1.1.1.1:1", true), host("2.2.2.2:2", false)]);
    assert_eq!(read("X-Alt: tls=zz,1.1.1.1:1,tls=F").hosts, [host("1.1.1.1:1", false)]);
}

/// ALTLOC-04, ALTLOC-05, ALTLOC-06
#[test]
fn servents_behind_firewalls_have_push_proxies() {
    let whole =
        format!("{GUID};fwt/1.0;26252:85.182.49.3;pptls=8;69.12.88.95:1085;64.53.20.48:804");
    let location = PushLocation {
        servent: Guid::from_hex(GUID.as_bytes()).unwrap(),
        firewall_transfer: Some(1),
        address: Some("85.182.49.3:26252".parse().unwrap()),
        proxies: vec![host("69.12.88.95:1085", true), host("64.53.20.48:804", false)],
    };
    assert_eq!(PushLocation::parse(&whole), Some(location.clone()));
    assert_eq!(written(&location), whole);
    let bare = PushLocation {
        firewall_transfer: None,
        address: None,
        proxies: vec![],
        ..location.clone()
    };
    assert_eq!(PushLocation::parse(&GUID.to_uppercase()), Some(bare.clone()));
    assert_eq!(
        PushLocation::parse(&format!(" {GUID} ; some/3.2 ;; x ; 1:2:3")),
        Some(bare.clone())
    );
    for text in ["", ";", "1.2.3.4:5", &GUID[1..], &format!("x{GUID}")] {
        assert_eq!(PushLocation::parse(text), None, "{text}");
    }
    let found =
        read(&format!("X-Falt: {whole}, {GUID}\r\nX-NFalt: {GUID}\r\nX-Alt: {whole},1.2.3.4:5"));
    assert_eq!(found.pushed, [location.clone(), location, bare.clone()]);
    assert_eq!(found.pushed_gone, [bare]);
    assert_eq!(addresses(&found.hosts), ["1.2.3.4:5"]);
}

/// ALTLOC-07
#[test]
fn older_headers_name_urls() {
    let url = |host: &str| format!("http://{host}/uri-res/N2R?urn:sha1:{SHA1}");
    let other = format!("http://7.7.7.7/uri-res/N2R?urn:sha1:{}", "A".repeat(32));
    let found = read(&format!(
        "X-Gnutella-Alternate-Location: {} 2002-04-30T08:30Z, {other}\r\nAlt-Location: {}\r\n\
         Alternate-Location: http://1.1.1.1/get/1/x, ftp://2.2.2.2/\r\nX-Alt: {}",
        url("1.2.3.4:5"),
        url("6.7.8.9"),
        url("[2001:db8::1]:7"),
    ));
    let mut hosts = addresses(&found.hosts);
    hosts.sort();
    assert_eq!(hosts, ["1.2.3.4:5", "6.7.8.9:80", "[2001:db8::1]:7"]);
}

fn many(count: usize) -> Vec<String> {
    (0..count).map(|at| format!("1.2.3.4:{}", at + 1)).collect()
}

/// ALTLOC-08
#[test]
fn so_many_locations_are_taken_and_told_and_not_one_more() {
    let taken = |count| read(&format!("X-Alt: {0}\r\nX-NAlt: {0}", many(count).join(",")));
    for count in [ALTERNATES_TAKEN_MAX, ALTERNATES_TAKEN_MAX + 1] {
        let found = taken(count);
        assert_eq!(
            (found.hosts.len(), found.gone.len()),
            (ALTERNATES_TAKEN_MAX, ALTERNATES_TAKEN_MAX)
        );
    }
    for count in [ALTERNATES_TOLD_MAX, ALTERNATES_TOLD_MAX + 1] {
        assert_eq!(lines(&taken(count)).matches("1.2.3.4").count(), 2 * ALTERNATES_TOLD_MAX);
    }
    let located = |count: usize| {
        let list = vec![format!("{GUID};1.2.3.4:5"); count].join(",");
        read(&format!("X-Falt: {list}\r\nX-NFalt: {list}"))
    };
    for count in [PUSHED_ALTERNATES_TAKEN_MAX, PUSHED_ALTERNATES_TAKEN_MAX + 1] {
        let found = located(count);
        let lens = (found.pushed.len(), found.pushed_gone.len());
        assert_eq!(lens, (PUSHED_ALTERNATES_TAKEN_MAX, PUSHED_ALTERNATES_TAKEN_MAX));
    }
    for count in [PUSHED_ALTERNATES_TOLD_MAX, PUSHED_ALTERNATES_TOLD_MAX + 1] {
        assert_eq!(lines(&located(count)).matches(GUID).count(), 2 * PUSHED_ALTERNATES_TOLD_MAX);
    }
}

/// ALTLOC-06, PUSH-17
#[test]
fn so_many_push_proxies_are_taken_and_told_and_not_one_more() {
    for count in [LOCATION_PROXIES_MAX, LOCATION_PROXIES_MAX + 1] {
        let location = PushLocation::parse(&format!("{GUID};{}", many(count).join(";"))).unwrap();
        assert_eq!(location.proxies.len(), LOCATION_PROXIES_MAX);
        assert_eq!(written(&location).matches("1.2.3.4").count(), LOCATION_PROXIES_TOLD_MAX);
    }
    for count in [LOCATION_PROXIES_TOLD_MAX, LOCATION_PROXIES_TOLD_MAX + 1] {
        let proxies = PushProxies::parse(&many(count).join(",")).unwrap();
        assert_eq!(
            (proxies.0.len(), written(&proxies).matches(':').count()),
            (count, LOCATION_PROXIES_TOLD_MAX)
        );
    }
}

/// ALTLOC-08
#[test]
fn the_longest_locations_fit_a_line() {
    let far = host("[2001:db8:1111:2222:3333:4444:5555:6666]:65535", true);
    let own: SocketAddr = far.address;
    let location = PushLocation {
        servent: Guid([0xff; 16]),
        firewall_transfer: Some(255),
        address: Some(own),
        proxies: vec![far; LOCATION_PROXIES_MAX],
    };
    let all = Alternates {
        hosts: vec![far; ALTERNATES_TAKEN_MAX],
        gone: vec![far; ALTERNATES_TAKEN_MAX],
        pushed: vec![location.clone(); PUSHED_ALTERNATES_TAKEN_MAX],
        pushed_gone: vec![location; PUSHED_ALTERNATES_TAKEN_MAX],
    };
    let own = lines(&all);
    let read = read(own.strip_prefix("HTTP/1.1 200 OK\r\n").unwrap().trim_end());
    assert_eq!(read.hosts, all.hosts[..ALTERNATES_TOLD_MAX]);
    let told = read.pushed_gone.last().unwrap();
    assert_eq!(read.pushed_gone.len(), PUSHED_ALTERNATES_TOLD_MAX);
    assert_eq!((told.address, told.proxies.len()), (Some(far.address), LOCATION_PROXIES_TOLD_MAX));
}

/// PUSH-16, PUSH-17
#[test]
fn a_servent_behind_a_firewall_says_how_it_is_reached() {
    let info =
        NodeInfo::of(&head(&format!("X-FW-Node-Info: {GUID}; fwt/1; 5:1.2.3.4; 6.7.8.9:10")))
            .unwrap();
    assert_eq!(written(&info), format!("{GUID};fwt/1.0;5:1.2.3.4;6.7.8.9:10"));
    for name in ["X-Push-Proxy", "x-push-proxies", "X-PushProxies"] {
        let proxies =
            PushProxies::of(&head(&format!("{name}: pptls=4, 1.2.3.4:5,6.7.8.9:10"))).unwrap();
        assert_eq!(proxies.0, [host("1.2.3.4:5", false), host("6.7.8.9:10", true)]);
        assert_eq!(written(&proxies), "pptls=4,1.2.3.4:5,6.7.8.9:10");
    }
    assert_eq!(PushProxies::of(&head("X-Push-Proxy: x")), None);
}
