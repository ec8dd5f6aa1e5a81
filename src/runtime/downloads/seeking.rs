use std::time::Duration;

use data_encoding::BASE32_NOPAD;
use tokio::sync::mpsc;
use tokio::time::sleep;

use super::wanted::{finding_of, kazaa_hash_of};
use crate::base::file_name::SafeName;
use crate::base::magnet::Magnet;
use crate::base::sig2dat::Sig2dat;
use crate::base::urn::Urn;
use crate::control::desk::{Desk, Request};
use crate::control::model::{Hit, Network, SearchState, StartSearch};
use crate::transfer::download::journal::Intent;
use crate::transfer::download::{Finding, KazaaName};

/// How often a search is asked what it has found.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// How often that is done. Hits that come later are found by the next search.
const LOOKS_MAX: u32 = 180;

/// How often for words that nobody has answered to.
const NAMED_LOOKS_MAX: u32 = 30;

/// Looks for others who have the file, as a user would, by what each network knows it by.
pub(super) async fn seek(desk: &Desk, intent: &Intent, found: &mpsc::Sender<Finding>) {
    let by_sha1 = async {
        if let Some(sha1) = intent.known_by.sha1() {
            seek_by_sha1(desk, intent, (sha1, found)).await;
        }
    };
    let by_uuhash = async {
        if let Some(KazaaName { uuhash, .. }) = intent.known_by.kazaa() {
            let words = Sig2dat { hash: uuhash, name: None, size: None }.to_string();
            let wanted = StartSearch { words, network: Some(Network::FastTrack) };
            let is_it = |hit: &Hit| kazaa_hash_of(hit) == Some(uuhash);
            follow(desk, wanted, (&is_it, found), LOOKS_MAX).await;
        }
    };
    tokio::join!(by_sha1, by_uuhash);
}

/// By its content alone where nobody has answered to words beside it: GnutellaBun wants all of them in the name too
/// (QUERY-34).
async fn seek_by_sha1(
    desk: &Desk,
    intent: &Intent,
    (sha1, found): ([u8; 20], &mpsc::Sender<Finding>),
) {
    let digits = BASE32_NOPAD.encode(&sha1);
    let is_it = |hit: &Hit| hit.sha1.as_deref() == Some(&digits);
    let (named, bare) = (link_to(intent, sha1), link_of(sha1, None));
    let patience = if named == bare { LOOKS_MAX } else { NAMED_LOOKS_MAX };
    let wanted = StartSearch::everywhere(named.clone());
    let has_found = follow(desk, wanted, (&is_it, found), patience).await;
    if !has_found && named != bare && !found.is_closed() {
        follow(desk, StartSearch::everywhere(bare), (&is_it, found), LOOKS_MAX).await;
    }
}

/// Whether a hit is of the file.
type IsIt<'a> = &'a (dyn Fn(&Hit) -> bool + Sync);

/// One search, which is over after so many looks at nothing. Whether it has found the file.
async fn follow(
    desk: &Desk,
    wanted: StartSearch,
    (is_it, found): (IsIt<'_>, &mpsc::Sender<Finding>),
    patience: u32,
) -> bool {
    let search = match desk.ask(|reply| Request::StartSearch(wanted, reply)).await {
        Ok(search) => search,
        Err(refusal) => {
            tracing::debug!(%refusal, "sources are not searched for");
            return false;
        }
    };
    let id = search.id;
    let (mut from, mut has_found) = (0, false);
    for look in 0..LOOKS_MAX {
        let is_vain = look >= patience && !has_found;
        if is_vain || found.is_closed() {
            break;
        }
        sleep(LOOK_EVERY).await;
        // What has ended by then has brought all that it will.
        let state = desk.ask(|reply| Request::Search(id, reply)).await.map(|search| search.state);
        let hits = desk.ask(|reply| Request::Hits { search: id, from, reply }).await;
        let Ok(hits) = hits else { break };
        for hit in hits {
            from = hit.number.saturating_add(1);
            let is_it = is_it(&hit);
            has_found |= is_it;
            if is_it && found.send(finding_of(&hit)).await.is_err() {
                break;
            }
        }
        if !matches!(state, Ok(SearchState::Running)) {
            break;
        }
    }
    let _ = desk.ask(|reply| Request::EndSearch(id, reply)).await;
    has_found
}

/// The file by its content and its name, if it has another name than that (MAGNET-08).
fn link_to(intent: &Intent, sha1: [u8; 20]) -> String {
    let name = (!intent.is_nameless()).then(|| SafeName::from_remote(&intent.name));
    link_of(sha1, name)
}

fn link_of(sha1: [u8; 20], name: Option<SafeName>) -> String {
    Magnet::link_to(&[Magnet { urns: vec![Urn::Sha1(sha1)], name, ..Magnet::default() }])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::control::model::Search;
    use crate::transfer::download::KnownBy;

    /// QUERY-34, MAGNET-08
    #[test]
    fn sources_are_sought_by_the_name_too_where_there_is_one() {
        let content = Urn::Sha1([7; 20]).to_string();
        for (name, has_name) in [("slow river.ogg", true), (content.as_str(), false)] {
            let name = SafeName::from_remote(name).as_str().to_owned();
            let (sha1, known_by) = ([7; 20], KnownBy::Sha1([7; 20]));
            let intent = Intent { name, known_by, size: None, root: None };
            let magnet = Magnet::parse(&link_to(&intent, sha1)).unwrap().remove(0);
            assert_eq!(magnet.sha1(), Some([7; 20]));
            assert_eq!(magnet.name.is_some(), has_name);
        }
    }

    /// What is searched for, and after how many seconds, where others answer to these words at once.
    async fn searches(name: &str, answered: &str) -> Vec<(String, u64)> {
        let (desk, mut requests) = Desk::new();
        let (found, mut findings) = mpsc::channel(9);
        let sha1 = [7; 20];
        let hit: Hit = serde_json::from_value(json!({
            "search": 1, "number": 0, "name": "a", "size": 9, "sha1": BASE32_NOPAD.encode(&sha1),
            "address": "203.1.0.1:6346", "index": 1, "servent_id": "", "firewalled": false,
            "busy": false, "hops": 1, "speed": 1,
        }))
        .unwrap();
        let running: Search = serde_json::from_value(json!({
            "id": 1, "words": "a", "state": "running", "hits": 0, "hits_kept": 0,
            "hits_recalled": 0, "age_s": 0,
        }))
        .unwrap();
        let began = tokio::time::Instant::now();
        let answered = answered.to_owned();
        let node = tokio::spawn(async move {
            let mut searches: Vec<(String, u64)> = Vec::new();
            while let Some(request) = requests.requests.recv().await {
                match request {
                    Request::StartSearch(StartSearch { words, .. }, reply) => {
                        let name = Magnet::parse(&words).unwrap().remove(0).name;
                        let name = name.map_or(String::new(), |name| name.as_str().to_owned());
                        searches.push((name, began.elapsed().as_secs()));
                        reply.send(Ok(running.clone()));
                    }
                    Request::Hits { from, reply, .. } => {
                        let is_it = searches.last().unwrap().0 == answered && from == 0;
                        reply.send(Ok(is_it.then(|| hit.clone()).into_iter().collect()));
                    }
                    Request::Search(_, reply) => reply.send(Ok(running.clone())),
                    Request::EndSearch(_, reply) => reply.send(Ok(())),
                    other => unreachable!("{other:?}"),
                }
            }
            searches
        });
        let known_by = KnownBy::Sha1(sha1);
        let intent = Intent { name: name.to_owned(), known_by, size: None, root: None };
        seek(&desk, &intent, &found).await;
        assert!(findings.try_recv().is_ok(), "what is found is handed on");
        drop(desk);
        node.await.unwrap()
    }

    /// QUERY-34
    #[tokio::test(start_paused = true)]
    async fn where_nobody_answers_to_the_name_the_content_is_sought_alone() {
        let named = || ("slow river.ogg".to_owned(), 0);
        assert_eq!(searches("slow river.ogg", "slow river.ogg").await, [named()]);
        assert_eq!(searches("slow river.ogg", "").await, [named(), (String::new(), 30)]);
        let content = Urn::Sha1([7; 20]).to_string();
        let nameless = SafeName::from_remote(&content).as_str().to_owned();
        assert_eq!(searches(&nameless, "").await, [(String::new(), 0)]);
    }
}
