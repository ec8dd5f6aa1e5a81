//! What Prometheus collects: made anew for each scrape from what the node says of itself.
//!
//! Labels have few values, all of them ours: nothing that a peer says becomes one.

mod plain;

use std::sync::atomic::AtomicU64;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::{ACCEPT, CONTENT_TYPE, VARY};
use axum::response::IntoResponse;
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{EncodeGaugeValue, EncodeMetric, MetricEncoder};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use super::app::Shared;
use crate::control::desk::Request;
use crate::control::model::{
    Direction, Holding, LibraryStatus, Network, Peer, Problem, Role, Status, Totals, UploadTotals,
    Uploads,
};

/// The media types of both forms.
const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
const PLAIN: &str = "text/plain; version=0.0.4; charset=utf-8";
/// Tables of the node that are told of at most. It has about a dozen.
const TABLES_MAX: usize = 64;

type Whole = Gauge<u64, AtomicU64>;
type Labels = Vec<(&'static str, String)>;

/// Gauges of one name, in the order in which they were put in.
#[derive(Debug)]
struct Gauges<N>(Vec<(Labels, N)>);

impl<N: EncodeGaugeValue + Clone> EncodeMetric for Gauges<N> {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> Result<(), std::fmt::Error> {
        for (labels, value) in &self.0 {
            encoder.encode_family(labels)?.encode_gauge(value)?;
        }
        Ok(())
    }

    fn metric_type(&self) -> MetricType {
        MetricType::Gauge
    }
}

/// What Prometheus collects
///
/// OpenMetrics 1.0 for whoever accepts it, as Prometheus does; else version 0.0.4 of its own format.
#[utoipa::path(get, path = "/metrics", tag = "node",
    responses((status = 200, description = "The numbers of the node", content(
        (String = "text/plain"), (String = "application/openmetrics-text")))))]
pub(super) async fn metrics(
    State(app): Shared,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Problem> {
    let status = app.ask(Request::Status).await?;
    let peers = app.ask(Request::Peers).await?;
    let unavailable = |_| Problem::unavailable("the metrics could not be written: try again later");
    let nothing = |reply| Request::Library { from: 0, limit: 0, words: None, reply };
    let library = app.ask(nothing).await?.status;
    // A node that serves no files has none of these.
    let uploads = app.ask(Request::Uploads).await.ok();
    let text = render(&status, &peers, &library, uploads.as_ref()).map_err(unavailable)?;
    let (form, text) = if accepts_openmetrics(&headers) {
        (OPENMETRICS, text)
    } else {
        (PLAIN, plain::plain(&text))
    };
    Ok(([(CONTENT_TYPE, form), (VARY, "accept")], text))
}

/// Whether OpenMetrics is named, and not below the older form.
fn accepts_openmetrics(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let kinds: Vec<_> = accepted.flat_map(|value| value.split(',')).map(accepted_kind).collect();
    let weight = |wanted: &str| {
        let weights = kinds.iter().filter(|(kind, _)| kind == wanted).map(|(_, weight)| *weight);
        weights.fold(0.0, f32::max)
    };
    let openmetrics = weight("application/openmetrics-text");
    openmetrics > 0.0 && openmetrics >= weight("text/plain")
}

/// A media type in small letters, and how much it is wanted.
fn accepted_kind(text: &str) -> (String, f32) {
    let mut parts = text.split(';').map(str::trim);
    let kind = parts.next().unwrap_or_default().to_ascii_lowercase();
    let weight =
        parts.find_map(|part| part.strip_prefix("q=")).map_or(Some(1.0), |q| q.parse().ok());
    (kind, weight.unwrap_or(0.0))
}

fn render(
    status: &Status,
    peers: &[Peer],
    library: &LibraryStatus,
    uploads: Option<&Uploads>,
) -> Result<String, std::fmt::Error> {
    let mut registry = Registry::with_prefix("filbert");
    register_status(&mut registry, status);
    register_totals(&mut registry, &status.totals);
    register_tables(&mut registry, status);
    register_peers(&mut registry, peers);
    register_library(&mut registry, library);
    if let Some(uploads) = uploads {
        register_uploads(&mut registry, uploads);
    }
    let mut text = String::new();
    encode(&mut text, &registry)?;
    Ok(text)
}

fn register_status(registry: &mut Registry, status: &Status) {
    let version = Info::new(vec![("version", status.version.clone())]);
    registry.register("build", "The version of the program", version);
    let uptime = whole(status.uptime_s);
    registry.register_with_unit("uptime", "Time since the start", Unit::Seconds, uptime);
    let roles = [Role::Leaf, Role::Ultrapeer];
    let roles = roles.map(|role| (label("role", role.as_str()), u64::from(role == status.role)));
    registry.register("role", "1 for what the node is", Gauges(roles.into()));
    let reachable = [("tcp", status.reachable_tcp), ("udp", status.reachable_udp)];
    let reachable = reachable.into_iter().filter_map(|(transport, is_reachable)| {
        Some((label("transport", transport), u64::from(is_reachable?)))
    });
    let reachable = Gauges(reachable.collect());
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
    registry.register_with_unit(
        "received",
        "As the network carries them, heads and datagrams too",
        Unit::Bytes,
        received,
    );
    registry.register_with_unit(
        "sent",
        "As the network carries them, heads and datagrams too",
        Unit::Bytes,
        sent,
    );
    let counters = [
        ("received_messages", "Messages received", totals.received_messages),
        ("sent_messages", "Messages sent", totals.sent_messages),
        ("dropped_messages", "Messages that led nowhere", totals.dropped_messages),
        ("shed_messages", "Messages that found no room in a queue", totals.shed_messages),
        ("received_datagrams", "Datagrams received", totals.received_datagrams),
        ("sent_datagrams", "Datagrams sent", totals.sent_datagrams),
        (
            "dropped_datagrams",
            "Datagrams that found no room, or were longer than any message",
            totals.dropped_datagrams,
        ),
        ("accepted_connections", "Connections that others opened", totals.accepted),
        ("calls", "Calls to others", totals.called),
        ("failed_calls", "Calls that led to no connection", totals.call_failures),
        ("strikes", "Breaches of rules by neighbours", totals.strikes),
        ("bans", "Addresses that were banned for a while", totals.bans),
        (
            "turned_away_connections",
            "Connections that were turned away for a ban or for haste",
            totals.turned_away,
        ),
        ("answered_queries", "Queries of others that were answered", totals.answered),
    ];
    for (name, help, value) in counters {
        registry.register(name, help, counter(value));
    }
}

fn register_tables(registry: &mut Registry, status: &Status) {
    // Bytes are no entries; those that wait are told by link.
    let counted = |table: &&Holding| !table.what.starts_with("bytes");
    let tables = || status.holdings.iter().filter(counted).take(TABLES_MAX);
    let held = tables().map(|table| (label("table", &table.what), table.count));
    let limits = tables().map(|table| (label("table", &table.what), table.count_max));
    let (held, limits) = (Gauges(held.collect()), Gauges(limits.collect()));
    registry.register("table_entries", "What a table of the node holds", held);
    registry.register("table_entries_limit", "What a table of the node may hold", limits);
}

fn register_peers(registry: &mut Registry, peers: &[Peer]) {
    let mut links = Vec::new();
    let (mut bytes, mut fills) = (Vec::new(), Vec::new());
    let speaks_fasttrack = peers.iter().any(|peer| peer.network == Network::FastTrack);
    let others = if speaks_fasttrack { &[Role::Ordinary, Role::Supernode][..] } else { &[] };
    for role in [Role::Leaf, Role::Ultrapeer].into_iter().chain(others.iter().copied()) {
        let of_role = || peers.iter().filter(move |peer| peer.role == role);
        for direction in [Direction::Incoming, Direction::Outgoing] {
            let count = of_role().filter(|peer| peer.direction == direction).count();
            let mut labels = label("role", role.as_str());
            labels.extend(label("direction", word(direction)));
            links.push((labels, u64::try_from(count).unwrap_or(u64::MAX)));
        }
        let labels = label("role", role.as_str());
        bytes.push((labels.clone(), sum(of_role().map(|peer| peer.queue.bytes))));
        fills.push((labels, mean_fill(of_role())));
    }
    registry.register("peers", "Open links", Gauges(links));
    registry.register_with_unit("peer_queue", "What waits to be sent", Unit::Bytes, Gauges(bytes));
    let help = "How full the query tables of peers are on average";
    let ratio = Unit::Other("ratio".to_owned());
    registry.register_with_unit("query_table_fill", help, ratio, Gauges(fills));
}

fn register_library(registry: &mut Registry, library: &LibraryStatus) {
    let files = [
        ("shared", library.files),
        ("waiting", library.waiting_files),
        ("changing", library.changing_files),
    ];
    let files = files.map(|(state, count)| (label("state", state), count));
    let help = "Files in shared folders: shared, to be hashed, or left alone for a while";
    registry.register("library_files", help, Gauges(files.into()));
    let bytes = whole(library.bytes);
    registry.register_with_unit("library", "What is shared", Unit::Bytes, bytes);
    let help = "Read to be hashed";
    registry.register_with_unit("library_hashed", help, Unit::Bytes, counter(library.hashed_bytes));
    let rate = whole(library.bytes_per_s.unwrap_or(0));
    let unit = Unit::Other("bytes_per_second".to_owned());
    registry.register_with_unit("library_hashing", "How fast files are read", unit, rate);
}

fn register_uploads(registry: &mut Registry, uploads: &Uploads) {
    let UploadTotals { started, finished, sent_bytes, too_slow, turns_over } = uploads.totals;
    let gauges = [
        ("upload_slots", "Files that may be under way to others", uploads.slots),
        ("upload_slots_taken", "Of these, those that somebody has", uploads.slots_taken),
        ("upload_queue", "Hosts that wait for a slot", uploads.waiting),
    ];
    for (name, help, value) in gauges {
        registry.register(name, help, whole(value));
    }
    let help = "Files of ours, as far as they have gone to others";
    registry.register_with_unit("uploaded", help, Unit::Bytes, counter(sent_bytes));
    let counters = [
        ("uploads", "Files that somebody began to take", started),
        ("uploads_finished", "Files that somebody has taken to their ends", finished),
        ("uploads_too_slow", "Slots taken back from those who took a file too slowly", too_slow),
        ("uploads_turns_over", "Slots taken back because others waited", turns_over),
    ];
    for (name, help, value) in counters {
        registry.register(name, help, counter(value));
    }
}

const fn word(direction: Direction) -> &'static str {
    match direction {
        Direction::Incoming => "incoming",
        Direction::Outgoing => "outgoing",
    }
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
