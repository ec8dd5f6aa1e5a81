//! What happens, as it happens.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use tokio::sync::broadcast::error::RecvError;

use super::app::Shared;
use super::input::Asked;
use super::sse::{self, Over, Teller};
use crate::control::chronicle::Watched;
use crate::control::model::{Happening, Problem};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Watch {
    /// Names of events, with commas between them.
    kinds: Option<String>,
}

/// Watch what happens
///
/// Server-sent events from now on. Their numbers count up since the start of the node; one that is left
/// out was not wanted, or was lost, which `missed` says. Whoever sends the last number that it knows as
/// `Last-Event-ID` gets those after it; `missed` says how many of them are kept no more.
#[utoipa::path(
    get, path = "/api/v1/events", tag = "events",
    params(("kinds" = Option<String>, Query, example = "hit,search_ended",
        description = "Names of the events that are wanted, with commas between them; without it all are, and `missed` always comes"),
        ("last-event-id" = Option<u64>, Header, description = "The number of the last event that is known")),
    responses((status = 200, description = "A stream of events: the name of each is its kind, its data is JSON",
        body = Happening, content_type = "text/event-stream"))
)]
pub(super) async fn watch(
    State(app): Shared,
    headers: HeaderMap,
    Asked(asked): Asked<Watch>,
) -> Result<Response, Problem> {
    let kinds = asked.kinds.as_deref().map(kinds).transpose()?;
    let watched = app.desk.watch_after(sse::last_event_id(&headers));
    sse::stream(&app, |teller| tell_all(teller, watched, kinds))
}

fn kinds(text: &str) -> Result<Vec<&'static str>, Problem> {
    let known = |kind: &str| Happening::NAMES.into_iter().find(|name| *name == kind);
    let kinds: Option<Vec<_>> = text.split(',').map(|kind| known(kind.trim())).collect();
    kinds.ok_or_else(|| {
        Problem::bad_request(format!("choose kinds among {}", Happening::NAMES.join(", ")))
    })
}

async fn tell_all(
    mut teller: Teller,
    watched: Watched,
    kinds: Option<Vec<&'static str>>,
) -> Result<(), Over> {
    let Watched { missed, mut number, kept, mut happenings } = watched;
    if missed > 0 {
        teller.tell(number, &Happening::Missed { events: missed }).await?;
    }
    let is_wanted = |happening: &Happening| {
        kinds.as_ref().is_none_or(|kinds| kinds.contains(&happening.name()))
    };
    for happening in kept {
        number = number.saturating_add(1);
        if is_wanted(&happening) {
            teller.tell(number, &happening).await?;
        }
    }
    loop {
        match teller.wait(happenings.recv()).await? {
            Ok(happening) => {
                number = number.saturating_add(1);
                if is_wanted(&happening) {
                    teller.tell(number, &happening).await?;
                }
            }
            Err(RecvError::Lagged(events)) => {
                number = number.saturating_add(events);
                teller.tell(number, &Happening::Missed { events }).await?;
            }
            Err(RecvError::Closed) => return Err(Over),
        }
    }
}
