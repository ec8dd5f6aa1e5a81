//! Files whose numbers have changed since somebody was told of them (UPLOAD-25).

use super::{Body, Conversation, World, heads};
use crate::base::mutant::mutant;
use crate::base::time::Time;
use crate::gnutella::http::{ContentUrns, Form, Request};
use crate::transfer::upload::counter::Refusal;
use crate::transfer::upload::shelf::Item;

impl Conversation {
    /// Gives the file of a name. Guesses are counted, also those of somebody who has a slot, and what a name finds makes
    /// up for none of them.
    pub(super) fn answer_name(
        &mut self,
        name: &str,
        request: &Request,
        world: &mut World<'_>,
        now: Time,
    ) {
        let (item, in_vain) = (by_name(name, request, world), self.in_vain);
        let is_free = item.is_none() && world.counter.serves(self.visit);
        if is_free && !world.counter.hear(self.address.ip(), now) {
            let head = heads::refused(Refusal::TooOften, world.about);
            return self.send(&head, Body::Nothing, false, now);
        }
        self.answer_file(item, request, world, now);
        self.in_vain = self.in_vain.max(in_vain);
    }
}

fn by_name(name: &str, request: &Request, world: &World<'_>) -> Option<Item> {
    let meant = ContentUrns::of(&request.head).and_then(|urns| urns.sha1());
    let is_meant = |item: &Item| {
        *item.name == *name
            && (meant.is_none() || meant == item.sha1 || mutant!(GivesOtherContents))
    };
    world.shelf.by_name(name).filter(is_meant)
}
