use std::time::Duration;

use data_encoding::BASE32_NOPAD;
use tokio::sync::mpsc;
use tokio::time::sleep;

use super::wanted::finding_of;
use crate::base::file_name::SafeName;
use crate::base::magnet::Magnet;
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
    let words = link_to(intent);
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

/// The file by its content and its name, if it has another name than that (MAGNET-08).
fn link_to(intent: &Intent) -> String {
    let name = SafeName::from_remote(&intent.name);
    let is_named = !intent.is_nameless();
    let magnet = Magnet {
        urns: vec![Urn::Sha1(intent.sha1)],
        name: is_named.then_some(name),
        ..Magnet::default()
    };
    Magnet::link_to(&[magnet])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// QUERY-34, MAGNET-08
    #[test]
    fn sources_are_sought_by_the_name_too_where_there_is_one() {
        let content = Urn::Sha1([7; 20]).to_string();
        for (name, has_name) in [("slow river.ogg", true), (content.as_str(), false)] {
            let name = SafeName::from_remote(name).as_str().to_owned();
            let intent = Intent { name, sha1: [7; 20], size: None, root: None };
            let magnet = Magnet::parse(&link_to(&intent)).unwrap().remove(0);
            assert_eq!(magnet.sha1(), Some([7; 20]));
            assert_eq!(magnet.name.is_some(), has_name);
        }
    }
}
