//! What Prometheus collects.

use std::collections::BTreeSet;

use filbert::control::model::{Holding, Role, Totals};

use crate::http::{get, request};
use crate::support::fake_node::{FakeNode, a_peer};

fn busy_node() -> FakeNode {
    let node = FakeNode::start();
    node.change(|state| {
        state.peers.extend((1..=6).map(a_peer));
        state.status.role = Role::Ultrapeer;
        state.status.totals =
            Totals { received_bytes: 5_000_000_000, strikes: 3, ..Totals::default() };
        let holding = Holding { what: "routes of queries".to_owned(), count: 7, count_max: 100 };
        state.status.holdings.push(holding);
    });
    node
}

#[tokio::test]
async fn the_numbers_of_the_node_are_there() {
    let served = busy_node().serve().await;
    let answer = get(&served, "/metrics").await;
    let lines: BTreeSet<_> = answer.body.lines().collect();
    for line in [
        "filbert_build_info{version=\"0.1.0\"} 1",
        "filbert_uptime_seconds 3661",
        "filbert_role{role=\"ultrapeer\"} 1",
        "filbert_role{role=\"leaf\"} 0",
        "filbert_reachable{transport=\"tcp\"} 1",
        "filbert_hosts 12",
        "filbert_received_bytes_total 5000000000",
        "filbert_strikes_total 3",
        "filbert_table_entries{table=\"routes of queries\"} 7",
        "filbert_table_entries_limit{table=\"routes of queries\"} 100",
        "filbert_peers{role=\"leaf\",direction=\"outgoing\"} 1",
        "filbert_peers{role=\"leaf\",direction=\"incoming\"} 1",
        "filbert_peers{role=\"ultrapeer\",direction=\"incoming\"} 2",
        "filbert_peer_queue_bytes{role=\"ultrapeer\"} 1200",
        "filbert_query_table_fill_ratio{role=\"leaf\"} 0.009",
    ] {
        assert!(lines.contains(line), "{line} is not in\n{}", answer.body);
    }
    assert!(!answer.body.contains("transport=\"udp\""), "what is not known is not told");
}

#[tokio::test]
async fn the_whole_page_stays_as_it_is() {
    let served = busy_node().serve().await;
    insta::assert_snapshot!(get(&served, "/metrics").await.body);
}

/// As Prometheus asks.
const OPENMETRICS: &str = "accept: text/plain;version=0.0.4;q=0.5,\
    Application/OpenMetrics-Text;version=1.0.0;q=0.7\r\n";

#[tokio::test]
async fn whoever_accepts_openmetrics_gets_it_and_others_the_older_form() {
    let served = busy_node().serve().await;
    for (accept, kind) in [
        (OPENMETRICS, "application/openmetrics-text; version=1.0.0; charset=utf-8"),
        ("accept: */*\r\n", "text/plain; version=0.0.4; charset=utf-8"),
        (
            "accept: application/openmetrics-text;q=0\r\n",
            "text/plain; version=0.0.4; charset=utf-8",
        ),
        (
            "accept: application/openmetrics-text;q=0.1, text/plain\r\n",
            "text/plain; version=0.0.4; charset=utf-8",
        ),
        ("", "text/plain; version=0.0.4; charset=utf-8"),
    ] {
        let answer = request(&served, "GET", "/metrics", accept, "").await;
        assert_eq!(answer.header("content-type"), Some(kind));
        let is_new = accept == OPENMETRICS;
        assert_eq!(answer.body.ends_with("# EOF\n"), is_new);
        let counter = "# TYPE filbert_strikes counter\n";
        let older = "# TYPE filbert_strikes_total counter\n";
        assert!(answer.body.contains(if is_new { counter } else { older }), "{}", answer.body);
    }
}

/// The older form: each series has a type under its own name, of those that this form knows.
#[tokio::test]
async fn the_older_form_describes_each_series_by_its_name() {
    let served = busy_node().serve().await;
    let body = get(&served, "/metrics").await.body;
    let mut types = BTreeSet::new();
    for line in body.lines() {
        match line.strip_prefix("# TYPE ").and_then(|rest| rest.split_once(' ')) {
            Some((name, kind)) => {
                assert!(matches!(kind, "counter" | "gauge"), "{line}");
                assert_eq!(kind == "counter", name.ends_with("_total"), "{line}");
                assert!(types.insert(name), "{line}");
            }
            None if line.starts_with("# HELP ") => {}
            None => {
                let name = line.split(['{', ' ']).next().unwrap();
                assert!(types.contains(name), "{line}");
            }
        }
    }
    assert!(types.len() > 20);
}

/// Prometheus: names in lower case with a prefix, each described once, counters end in `_total`,
/// and the text in `# EOF`.
#[tokio::test]
async fn the_form_is_that_of_openmetrics() {
    let served = busy_node().serve().await;
    let body = request(&served, "GET", "/metrics", OPENMETRICS, "").await.body;
    assert!(body.ends_with("# EOF\n"));
    let mut types = std::collections::BTreeMap::new();
    for line in body.lines().filter(|line| !line.starts_with("# EOF")) {
        if let Some(rest) = line.strip_prefix("# ") {
            let mut words = rest.splitn(3, ' ');
            let (what, name, text) = (words.next(), words.next(), words.next().unwrap());
            if what == Some("TYPE") {
                assert!(types.insert(name.unwrap(), text).is_none(), "{line}");
            }
            assert!(matches!(what, Some("HELP" | "TYPE" | "UNIT")), "{line}");
            continue;
        }
        let (series, value) = line.rsplit_once(' ').unwrap();
        let value: f64 = value.parse().unwrap();
        assert!(value >= 0.0, "{line}");
        let name = series.split('{').next().unwrap();
        assert!(name.starts_with("filbert_"), "{line}");
        assert!(name.chars().all(|c| c.is_ascii_lowercase() || c == '_'), "{line}");
        let base = name.strip_suffix("_total").or(name.strip_suffix("_info")).unwrap_or(name);
        let kind = *types.get(base).unwrap_or_else(|| panic!("{line} has no type"));
        assert_eq!(kind == "counter", name.ends_with("_total"), "{line}");
    }
}

/// Whatever peers call themselves: the number of series stays.
#[tokio::test]
async fn peers_decide_no_label() {
    let node = busy_node();
    let served = node.serve().await;
    let before = get(&served, "/metrics").await.body.lines().count();
    node.change(|state| {
        for id in 10..200 {
            let mut peer = a_peer(id);
            peer.vendor = Some(format!("\"}}\nvendor {id}"));
            peer.version = format!("0.{id}");
            state.peers.push(peer);
        }
    });
    let body = get(&served, "/metrics").await.body;
    assert_eq!(body.lines().count(), before);
    assert!(!body.contains("vendor"));
}
