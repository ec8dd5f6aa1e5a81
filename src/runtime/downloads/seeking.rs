use std::time::Duration;

use data_encoding::BASE32_NOPAD;
use tokio::sync::mpsc;
use tokio::time::sleep;

use super::wanted::finding_of;
use crate::base::urn::Urn;
use crate::control::desk::{Desk, Request};
use crate::control::model::SearchState;
use crate::transfer::download::Finding;
use crate::transfer::download::journal::Intent;

/// How often a search is asked what it has found.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// How often that is done. Hits that come later are found by the next search.
const LOOKS_MAX: u32 = 180;

/// Looks for others who have the file, as a user would.
pub(super) async fn seek(desk: &Desk, intent: &Intent, found: &mpsc::Sender<Finding>) {
    let words = Urn::Sha1(intent.sha1).to_string();
    let Ok(search) = desk.ask(|reply| Request::StartSearch(words, reply)).await else { return };
    let (id, sha1) = (search.id, BASE32_NOPAD.encode(&intent.sha1));
    let mut from = 0;
    for _ in 0..LOOKS_MAX {
        sleep(LOOK_EVERY).await;
        let hits = desk.ask(|reply| Request::Hits { search: id, from, reply }).await;
        let Ok(hits) = hits else { break };
        for hit in hits {
            from = hit.number.saturating_add(1);
            let is_it = hit.sha1.as_deref() == Some(&sha1);
            if is_it && found.send(finding_of(&hit)).await.is_err() {
                break;
            }
        }
        let state = desk.ask(|reply| Request::Search(id, reply)).await.map(|search| search.state);
        if !matches!(state, Ok(SearchState::Running)) {
            break;
        }
    }
    let _ = desk.ask(|reply| Request::EndSearch(id, reply)).await;
}
