//! What happens, as it happens.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use super::app::Shared;
use super::input::Asked;
use super::sse::{self, Over, Teller};
use crate::control::model::{Happening, Problem};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Watch {
    /// Names of events, with commas between them.
    kinds: Option<String>,
}

/// Watch what happens
///
/// Server-sent events from now on. The numbers of events count up; one that is left out was not wanted,
/// or was lost, which `missed` says.
#[utoipa::path(
    get, path = "/api/v1/events", tag = "events",
    params(("kinds" = Option<String>, Query, example = "hit,search_ended",
        description = "Names of the events that are wanted, with commas between them; without it all are, and `missed` always comes")),
    responses((status = 200, description = "A stream of events: the name of each is its kind, its data is JSON",
        body = Happening, content_type = "text/event-stream"))
)]
pub(super) async fn watch(
    State(app): Shared,
    Asked(asked): Asked<Watch>,
) -> Result<Response, Problem> {
    let kinds = asked.kinds.as_deref().map(kinds).transpose()?;
    let happenings = app.desk.watch();
    sse::stream(&app, |teller| tell_all(teller, happenings, kinds))
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
    mut happenings: Receiver<Arc<Happening>>,
    kinds: Option<Vec<&'static str>>,
) -> Result<(), Over> {
    let mut number: u64 = 0;
    loop {
        match teller.wait(happenings.recv()).await? {
            Ok(happening) => {
                number = number.saturating_add(1);
                if kinds.as_ref().is_none_or(|kinds| kinds.contains(&happening.name())) {
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
