//! What Prometheus collects: made anew for each scrape from what the node says of itself.
//!
//! Labels have few values, all of them ours: nothing that a peer says becomes one.

use std::sync::atomic::AtomicU64;

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use super::app::Shared;
use crate::control::desk::Request;
use crate::control::model::{Direction, Peer, Problem, Role, Status, Totals};

/// The media type of the format.
const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
/// Tables of the node that are told of at most. It has about a dozen.
const TABLES_MAX: usize = 64;

type Whole = Gauge<u64, AtomicU64>;
type Fraction = Gauge<f64, AtomicU64>;
type Labels = Vec<(&'static str, String)>;

/// What Prometheus collects
#[utoipa::path(get, path = "/metrics", tag = "node",
    responses((status = 200, description = "OpenMetrics 1.0", body = String,
        content_type = "application/openmetrics-text")))]
pub(super) async fn metrics(State(app): Shared) -> Result<impl IntoResponse, Problem> {
    let status = app.ask(Request::Status).await?;
    let peers = app.ask(Request::Peers).await?;
    let unavailable = |_| Problem::unavailable("the metrics could not be written: try again later");
    let text = render(&status, &peers).map_err(unavailable)?;
    Ok(([(CONTENT_TYPE, OPENMETRICS)], text))
}

fn render(status: &Status, peers: &[Peer]) -> Result<String, std::fmt::Error> {
    let mut registry = Registry::with_prefix("filbert");
    register_status(&mut registry, status);
    register_totals(&mut registry, &status.totals);
    register_tables(&mut registry, status);
    register_peers(&mut registry, peers);
    let mut text = String::new();
    encode(&mut text, &registry)?;
    Ok(text)
}

fn register_status(registry: &mut Registry, status: &Status) {
    let version = Info::new(vec![("version", status.version.clone())]);
    registry.register("build", "The version of the program", version);
    let uptime = whole(status.uptime_s);
    registry.register_with_unit("uptime", "Time since the start", Unit::Seconds, uptime);
    let roles = Family::<Labels, Whole>::default();
    for role in [Role::Leaf, Role::Ultrapeer] {
        roles.get_or_create(&label("role", role.as_str())).set((role == status.role).into());
    }
    registry.register("role", "1 for what the node is", roles);
    let reachable = Family::<Labels, Whole>::default();
    for (transport, is_reachable) in [("tcp", status.reachable_tcp), ("udp", status.reachable_udp)]
    {
        let Some(is_reachable) = is_reachable else { continue };
        reachable.get_or_create(&label("transport", transport)).set(is_reachable.into());
    }
    registry.register("reachable", "1 if others reach the node, once that is known", reachable);
    let gauges = [
        ("promotion_eligible", "1 if it might be an ultrapeer", status.promotion.eligible.into()),
        ("handshakes", "Handshakes that run", status.links.greeting.into()),
        ("hosts", "Hosts of the host cache", status.hosts),
        ("searches", "Own searches that run", status.searches),
    ];
    for (name, help, value) in gauges {
        registry.register(name, help, whole(value));
    }
}

fn register_totals(registry: &mut Registry, totals: &Totals) {
    let received = counter(totals.received_bytes);
    let sent = counter(totals.sent_bytes);
    registry.register_with_unit("received", "Messages, before compression", Unit::Bytes, received);
    registry.register_with_unit("sent", "Messages, before compression", Unit::Bytes, sent);
    let counters = [
        ("received_messages", "Messages received", totals.received_messages),
        ("sent_messages", "Messages sent", totals.sent_messages),
        ("dropped_messages", "Messages that led nowhere", totals.dropped_messages),
        ("shed_messages", "Messages that found no room in a queue", totals.shed_messages),
        ("received_datagrams", "Datagrams received", totals.received_datagrams),
        ("sent_datagrams", "Datagrams sent", totals.sent_datagrams),
        ("accepted_connections", "Connections that others opened", totals.accepted),
        ("calls", "Calls to others", totals.called),
        ("failed_calls", "Calls that led to no connection", totals.call_failures),
        ("strikes", "Breaches of rules by neighbours", totals.strikes),
        ("bans", "Addresses that were banned for a while", totals.bans),
        ("answered_queries", "Queries of others that were answered", totals.answered),
    ];
    for (name, help, value) in counters {
        registry.register(name, help, counter(value));
    }
}

fn register_tables(registry: &mut Registry, status: &Status) {
    let (held, limits) = (Family::<Labels, Whole>::default(), Family::<Labels, Whole>::default());
    for holding in status.holdings.iter().take(TABLES_MAX) {
        let labels = label("table", &holding.what);
        held.get_or_create(&labels).set(holding.count);
        limits.get_or_create(&labels).set(holding.count_max);
    }
    registry.register("table_entries", "What a table of the node holds", held);
    registry.register("table_entries_limit", "What a table of the node may hold", limits);
}

fn register_peers(registry: &mut Registry, peers: &[Peer]) {
    let links = Family::<Labels, Whole>::default();
    let (bytes, messages) =
        (Family::<Labels, Whole>::default(), Family::<Labels, Whole>::default());
    let fills = Family::<Labels, Fraction>::default();
    for role in [Role::Leaf, Role::Ultrapeer] {
        let of_role = || peers.iter().filter(move |peer| peer.role == role);
        for (direction, word) in
            [(Direction::Incoming, "incoming"), (Direction::Outgoing, "outgoing")]
        {
            let count = of_role().filter(|peer| peer.direction == direction).count();
            let labels = vec![("role", role.as_str().to_owned()), ("direction", word.to_owned())];
            links.get_or_create(&labels).set(count.try_into().unwrap_or(u64::MAX));
        }
        let labels = label("role", role.as_str());
        bytes.get_or_create(&labels).set(sum(of_role().map(|peer| peer.queue.bytes)));
        messages.get_or_create(&labels).set(sum(of_role().map(|peer| peer.queue.messages)));
        fills.get_or_create(&labels).set(mean_fill(of_role()));
    }
    registry.register("peers", "Open links", links);
    registry.register_with_unit("peer_queue", "What waits to be sent", Unit::Bytes, bytes);
    registry.register("peer_queue_messages", "Messages that wait to be sent", messages);
    let help = "How full the query tables of peers are on average";
    registry.register_with_unit("query_table_fill", help, Unit::Other("ratio".to_owned()), fills);
}

/// From 0 to 1; 0 where nobody has a table.
fn mean_fill<'a>(peers: impl Iterator<Item = &'a Peer>) -> f64 {
    let fills = peers.filter_map(|peer| peer.query_table).map(|table| table.fill_permille);
    let (sum, count) =
        fills.fold((0.0, 0.0), |(sum, count), fill| (sum + f64::from(fill) / 1000.0, count + 1.0));
    if count > 0.0 { sum / count } else { 0.0 }
}

fn sum(values: impl Iterator<Item = u64>) -> u64 {
    values.fold(0, u64::saturating_add)
}

fn label(name: &'static str, value: &str) -> Labels {
    vec![(name, value.to_owned())]
}

fn whole(value: u64) -> Whole {
    let gauge = Whole::default();
    gauge.set(value);
    gauge
}

fn counter(value: u64) -> Counter {
    let counter = Counter::default();
    counter.inc_by(value);
    counter
}
