//! The form of server-sent events: a body that is written while it is read.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::http::HeaderMap;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use hyper::body::{Body, Frame};
use tokio::sync::mpsc;
use tokio::time::{Interval, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::app::App;
use crate::control::model::{Happening, Problem};

/// Events that wait for a client. What it does not read waits where it came from, and is lost there.
const WAITING_MAX: usize = 8;

/// That a stream is over: the client is gone, or the node is ending.
pub(super) struct Over;

/// The end of a stream at which events are written.
pub(super) struct Teller {
    lines: mpsc::Sender<Bytes>,
    heartbeat: Interval,
    shutdown: CancellationToken,
}

/// Answers with a stream that `tell` writes. There are only so many at a time.
pub(super) fn stream<F, Telling>(app: &App, tell: F) -> Result<Response, Problem>
where
    F: FnOnce(Teller) -> Telling,
    Telling: Future<Output = Result<(), Over>> + Send + 'static,
{
    let permit = Arc::clone(&app.watchers).try_acquire_owned().map_err(|_| {
        Problem::unavailable("too many streams of events are open: close some, or try later")
    })?;
    let (lines, waiting) = mpsc::channel(WAITING_MAX);
    let heartbeat = quiet_interval(app.limits.heartbeat);
    let telling = tell(Teller { lines, heartbeat, shutdown: app.shutdown.clone() });
    tokio::spawn(async move {
        // That a stream is over is its normal end.
        let _ = telling.await;
        drop(permit);
    });
    let headers = [(CONTENT_TYPE, "text/event-stream"), (CACHE_CONTROL, "no-store")];
    Ok((headers, axum::body::Body::new(Lines(waiting))).into_response())
}

/// The number of the last event that a client knows, if it says so.
pub(super) fn last_event_id(headers: &HeaderMap) -> Option<u64> {
    headers.get("last-event-id")?.to_str().ok()?.parse().ok()
}

fn quiet_interval(period: Duration) -> Interval {
    let mut interval = interval(period);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    interval
}

impl Teller {
    /// One event. Its number is what a client shows to go on where it has stopped.
    pub(super) async fn tell(&mut self, number: u64, happening: &Happening) -> Result<(), Over> {
        let Ok(json) = serde_json::to_string(happening) else { return Ok(()) };
        let name = happening.name();
        self.write(format!("id: {number}\nevent: {name}\ndata: {json}\n\n")).await
    }

    /// Waits for something, and gives signs of life meanwhile.
    pub(super) async fn wait<T>(&mut self, something: impl Future<Output = T>) -> Result<T, Over> {
        tokio::pin!(something);
        loop {
            tokio::select! {
                // What has happened already is told before the end.
                biased;
                outcome = &mut something => return Ok(outcome),
                () = self.shutdown.cancelled() => return Err(Over),
                () = self.lines.closed() => return Err(Over),
                _ = self.heartbeat.tick() => {
                    self.lines.send(Bytes::from_static(b": alive\n\n")).await.map_err(|_| Over)?;
                }
            }
        }
    }

    async fn write(&mut self, text: String) -> Result<(), Over> {
        self.heartbeat.reset();
        self.lines.send(text.into()).await.map_err(|_| Over)
    }
}

/// The end of a stream at which it is read.
struct Lines(mpsc::Receiver<Bytes>);

impl Body for Lines {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.poll_recv(context).map(|lines| lines.map(|lines| Ok(Frame::data(lines))))
    }
}
