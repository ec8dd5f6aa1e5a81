//! One search as a stream of events: each hit once, in order, and then the end.

use std::sync::Arc;

use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use super::sse::{Over, Teller};
use crate::control::desk::{Desk, Refusal, Request};
use crate::control::model::{Happening, Search, SearchId, SearchState};

/// Tells a client of a search.
pub(super) struct Follower {
    search: SearchId,
    /// The number of the next hit that the client does not know.
    next: u64,
    desk: Desk,
    teller: Teller,
}

impl Follower {
    pub(super) const fn new(search: SearchId, next: u64, desk: Desk, teller: Teller) -> Self {
        Self { search, next, desk, teller }
    }

    /// Tells of what is kept, then of what happens, to the end of the search.
    pub(super) async fn follow(
        mut self,
        mut happenings: Receiver<Arc<Happening>>,
    ) -> Result<(), Over> {
        self.catch_up().await?;
        loop {
            match self.teller.wait(happenings.recv()).await? {
                Ok(happening) => self.hear(&happening).await?,
                // What was lost here is kept by the node.
                Err(RecvError::Lagged(_)) => self.catch_up().await?,
                Err(RecvError::Closed) => return Err(Over),
            }
        }
    }

    async fn hear(&mut self, happening: &Happening) -> Result<(), Over> {
        match happening {
            Happening::Hit(hit) if hit.search == self.search => {
                self.tell_hit(hit.number, happening).await
            }
            Happening::SearchEnded { search, .. } if *search == self.search => {
                self.tell_end(happening).await
            }
            _ => Ok(()),
        }
    }

    /// Asks the node for what the client does not know, and whether the search has ended.
    async fn catch_up(&mut self) -> Result<(), Over> {
        let (search, from) = (self.search, self.next);
        // In this order: a search that had ended before has no more to tell than its hits.
        let state = self.desk.ask(|reply| Request::Search(search, reply));
        let state = self.teller.wait(state).await?;
        let hits = self.desk.ask(|reply| Request::Hits { search, from, reply });
        let hits = self.teller.wait(hits).await?;
        for hit in hits.unwrap_or_default() {
            self.tell_hit(hit.number, &Happening::Hit(hit)).await?;
        }
        match state {
            Ok(Search { state: SearchState::Running, .. }) => Ok(()),
            Ok(Search { hits, why, .. }) => {
                let results = u32::try_from(hits).unwrap_or(u32::MAX);
                let why = why.unwrap_or_default();
                self.tell_end(&Happening::SearchEnded { search, results, why }).await
            }
            // It was removed: what the client knows is all there was.
            Err(Refusal::NotFound(why)) => {
                let results = u32::try_from(self.next).unwrap_or(u32::MAX);
                self.tell_end(&Happening::SearchEnded { search, results, why }).await
            }
            Err(_) => Err(Over),
        }
    }

    async fn tell_hit(&mut self, number: u64, happening: &Happening) -> Result<(), Over> {
        if number < self.next {
            return Ok(());
        }
        self.next = number.saturating_add(1);
        self.teller.tell(number, happening).await
    }

    async fn tell_end(&mut self, happening: &Happening) -> Result<(), Over> {
        self.teller.tell(self.next, happening).await?;
        Err(Over)
    }
}
