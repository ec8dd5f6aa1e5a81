//! What the user of our node wants of it.

use super::Memory;
use crate::conform::play::Event;
use crate::conform::script::Wish;
use crate::node::{Command, Input, SearchId};

impl Memory {
    pub(super) fn ask(&mut self, wish: Wish, what: String) {
        match wish {
            Wish::Search => self.search(what),
            Wish::Fetch => {
                let why = "nothing is downloaded in memory".to_owned();
                self.told.push(Event::Unasked { why });
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
