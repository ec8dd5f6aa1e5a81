//! Searches that are forwarded: to six supernodes at a time, until enough is found (FTPEER-16).

mod held;
mod ids;
mod running;
mod targets;

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddrV4;

use rand::rngs::ChaCha8Rng;

pub(super) use self::ids::Ids;
use self::running::{FirstAnswer, Outcome, Running};
use super::session::SENT;
use super::{Dropped, Ended, Neighbours, Output, SearchKey};
use crate::base::limits::{FASTTRACK_SEARCH_MS, FASTTRACK_SEARCHES_MAX};
use crate::base::time::Time;
use crate::fasttrack::wire::{ForwardedSearch, Message, Realm, Results, Term, Unicast};

/// All searches that are forwarded now.
#[derive(Debug)]
pub(super) struct Searches {
    /// The first half of all ids (FTPEER-17).
    number: u16,
    /// The second halves.
    ids: Ids,
    running: BTreeMap<u16, Box<Running>>,
    keys: BTreeMap<SearchKey, u16>,
    /// When each wants to be looked at: one entry for each that runs.
    due: BTreeSet<(Time, u16)>,
    /// When anybody answered.
    answered: Time,
    /// Bytes of results that are held.
    held_len: usize,
}

impl Searches {
    pub(super) const fn new(number: u16, ids: Ids) -> Self {
        Self {
            number,
            ids,
            running: BTreeMap::new(),
            keys: BTreeMap::new(),
            due: BTreeSet::new(),
            answered: Time::ZERO,
            held_len: 0,
        }
    }

    pub(super) fn next_timeout(&self) -> Option<Time> {
        self.due.first().map(|(due, _)| *due)
    }

    fn id_of(&self, search: u16) -> u32 {
        u32::from(self.number).wrapping_shl(16) | u32::from(search)
    }

    /// A number that no search has.
    fn free(&mut self) -> u16 {
        loop {
            // There are fewer searches than numbers.
            let free = self.ids.next();
            if !self.running.contains_key(&free) {
                return free;
            }
        }
    }

    fn schedule(&mut self, search: u16, due: Time) {
        if let Some(running) = self.running.get_mut(&search) {
            self.due.remove(&(running.due, search));
            running.due = due;
            self.due.insert((due, search));
        }
    }

    fn remove(&mut self, search: u16) -> Option<Box<Running>> {
        let running = self.running.remove(&search)?;
        self.due.remove(&(running.due, search));
        self.keys.remove(&running.key);
        self.held_len = self.held_len.saturating_sub(running.held.len_bytes());
        Some(running)
    }
}

impl Neighbours {
    /// Starts to ask other supernodes for as many results. A search that has this key already ends
    /// without a word.
    pub fn search(
        &mut self,
        key: SearchKey,
        wanted: u16,
        realm: Realm,
        terms: Vec<Term>,
        now: Time,
    ) {
        self.end_search(key);
        if self.searches.running.len() >= FASTTRACK_SEARCHES_MAX {
            self.outputs.push_back(Output::Ended { key, why: Ended::Busy });
            return;
        }
        let targets = self.draw(|vector, random| targets::draw(vector, random, now));
        let search = self.searches.free();
        let running = Running::new(key, wanted, realm, terms, targets, now);
        self.searches.due.insert((running.due, search));
        self.searches.keys.insert(key, search);
        self.searches.running.insert(search, Box::new(running));
        self.go_on(search, now);
    }

    /// Nobody wants more results of a search.
    pub fn end_search(&mut self, key: SearchKey) {
        if let Some(search) = self.searches.keys.get(&key).copied() {
            self.searches.remove(search);
        }
    }

    /// How many searches run.
    pub fn searches_len(&self) -> usize {
        self.searches.running.len()
    }

    fn draw<T>(&mut self, choose: impl FnOnce(&super::Vector, &mut ChaCha8Rng) -> T) -> T {
        let drawn = choose(&self.vector, self.random.wake());
        self.random.doze();
        drawn
    }

    /// Looks at all searches whose time has come.
    pub(super) fn search_on(&mut self, now: Time) {
        while let Some(&(due, search)) = self.searches.due.first()
            && due <= now
        {
            let silent = self.searches.running.get_mut(&search).map(|it| it.give_up(now));
            for outcome in silent.into_iter().flatten() {
                self.was_silent(outcome, now);
            }
            self.go_on(search, now);
        }
    }

    /// Asks as many as may be asked now, or ends the search.
    fn go_on(&mut self, search: u16, now: Time) {
        let Some(mut running) = self.searches.running.remove(&search) else { return };
        let end = running.end(now).or_else(|| {
            let is_blocked = self.ask(search, &mut running, now);
            running.rest(is_blocked)
        });
        let next = running.next_timeout(now);
        self.searches.running.insert(search, running);
        match end {
            Some(why) => self.finish(search, why),
            None => self.searches.schedule(search, next),
        }
    }

    /// Asks one after the other; true where some have to wait for the rate of their neighbour.
    fn ask(&mut self, search: u16, running: &mut Running, now: Time) -> bool {
        let mut blocked = Vec::new();
        while running.may_ask(blocked.len())
            && let Some(target) = running.next_target()
        {
            let Some(next) = self.way_to(target) else { continue };
            let Some(neighbour) = self.neighbour_mut(next) else { continue };
            let is_itself = neighbour.address == target;
            if !neighbour.sent.take(SENT, 1, now) {
                blocked.push(target);
                continue;
            }
            let message = Message::ForwardedSearch(ForwardedSearch {
                id: self.searches.id_of(search),
                max: running.wanted,
                realm: running.realm,
                terms: running.terms.clone(),
            });
            let unicast = Unicast::new(self.address(), target, &message);
            self.send(next, Message::Unicast(unicast));
            running.note_asked(target, Some(next).filter(|_| !is_itself), now);
        }
        let is_blocked = !blocked.is_empty();
        running.put_back(blocked);
        is_blocked
    }

    fn finish(&mut self, search: u16, why: Ended) {
        let Some(running) = self.searches.remove(search) else { return };
        let Running { key, held, wanted, .. } = *running;
        self.outputs.extend(held.release(wanted).map(|results| Output::Found { key, results }));
        self.outputs.push_back(Output::Ended { key, why });
    }

    /// Results came home (FTPEER-19).
    pub(super) fn found(
        &mut self,
        sender: SocketAddrV4,
        mut results: Results,
        now: Time,
    ) -> Result<(), Dropped> {
        let id = results.id;
        let Searches { running, held_len, .. } = &mut self.searches;
        let running = running.get_mut(&id).ok_or(Dropped::Unasked)?;
        if results.supernode != sender {
            return Err(Dropped::Forged);
        }
        let answer = running.answered(sender).ok_or(Dropped::Unasked)?;
        let (told, later) = running.take(sender, results.results.len()).unwrap_or_default();
        let (key, told) = (running.key, usize::from(told));
        running.held.keep(&results, told, later, held_len);
        results.results.truncate(told);
        self.has_answered(answer, now);
        if told > 0 {
            self.outputs.push_back(Output::Found { key, results });
        }
        self.go_on(id, now);
        Ok(())
    }

    /// A supernode has no more results (FTPEER-18).
    pub(super) fn ended(
        &mut self,
        sender: SocketAddrV4,
        id: u16,
        now: Time,
    ) -> Result<(), Dropped> {
        let running = self.searches.running.get_mut(&id).ok_or(Dropped::Unasked)?;
        let answer = running.answered(sender).ok_or(Dropped::Unasked)?;
        running.ended(sender);
        self.has_answered(answer, now);
        self.go_on(id, now);
        Ok(())
    }

    /// Somebody answers a search of ours.
    fn has_answered(&mut self, FirstAnswer(outcome): FirstAnswer, now: Time) {
        self.searches.answered = now;
        let Some(Outcome { address, by, .. }) = outcome else { return };
        self.vector.note_answer(address);
        if let Some(neighbour) = by.and_then(|slot| self.neighbour_mut(slot)) {
            neighbour.credit.note(true, now);
        }
    }

    /// Somebody did not answer a search of ours. If nobody has since, that may be our own fault; else
    /// the neighbour by which it was asked may be to blame (FTPEER-25).
    fn was_silent(&mut self, Outcome { address, by, since }: Outcome, now: Time) {
        if self.searches.answered < since {
            return;
        }
        self.vector.note_silence(address, now);
        let Some(slot) = by else { return };
        let Some(neighbour) = self.neighbour_mut(slot) else { return };
        if neighbour.credit.note(false, now) {
            let line = neighbour.line;
            self.vector.doubt(line, now);
            self.spread(now);
            self.outputs.push_back(Output::Doubted { slot });
        }
    }
}

/// When a search that starts now ends at the latest.
fn ends(now: Time) -> Time {
    now.after_ms(FASTTRACK_SEARCH_MS)
}
