//! What the user of our node wants of it.

use super::Memory;
use super::fetching::Fetch;
use crate::conform::script::Wish;
use crate::node::{Command, Input, SearchId};
use crate::transfer::download::Linked;

impl Memory {
    pub(super) fn ask(&mut self, wish: Wish, what: String) {
        match wish {
            Wish::Search => self.search(what),
            Wish::Fetch => {
                // Its user would be told why it fetches nothing.
                let Ok(linked) = Linked::read(&what) else { return };
                let fetch = self.fetches.all.len();
                let seed = self.seed.wrapping_add(u64::try_from(fetch).unwrap_or(0));
                self.fetches.all.push(Fetch::of(linked, seed));
                self.turn_fetch(fetch, None);
            }
        }
    }

    fn search(&mut self, words: String) {
        self.next_search = self.next_search.wrapping_add(1);
        let (network, search) = (self.network, SearchId(self.next_search));
        let command = Command::SearchIn { network, search, words };
        self.for_node.push_back(Input::Command(command));
    }
}
