use super::Download;
use crate::base::ranges::ByteRange;
use crate::base::time::Time;
use crate::transfer::download::contract::{DiskFailure, Done, State};
use crate::transfer::download::pieces::Pieces;

impl Download {
    pub(super) fn fetch_again(&mut self, ranges: Vec<ByteRange>) {
        if ranges.is_empty() {
            return;
        }
        for range in ranges {
            self.store.again(range);
        }
        self.commit();
    }

    pub(super) fn done(&mut self, number: u64, outcome: Result<Done, DiskFailure>, now: Time) {
        let is_for_stranger = self.store.is_for_stranger(number);
        match outcome {
            Ok(done) if self.store.done(number) => self.is_done(done, now),
            Err(failure) if self.store.failed(number) => {
                let is_fault = is_for_stranger && failure.no_room;
                if !is_fault {
                    return self.get_stuck(failure);
                }
                if let Err(failure) = self.is_too_large(failure, now) {
                    self.get_stuck(failure);
                }
            }
            _ => {}
        }
    }

    fn is_done(&mut self, done: Done, now: Time) {
        match done {
            Done::Fine => {}
            Done::Hashed(hashes) => self.hashed(&hashes, now),
            Done::Named(name) => self.become_(State::Finished { name }),
        }
    }

    /// The disk has failed: what is not safe is fetched again, when the user says so.
    pub(super) fn get_stuck(&mut self, failure: DiskFailure) {
        if self.state.is_over() {
            return;
        }
        self.part_all();
        self.store.fall_back();
        let mut pieces = Pieces::new(self.pieces.size(), self.pieces.row().cloned());
        pieces.restore(&self.store.safe_verified, &self.store.safe_taken);
        self.pieces = pieces;
        self.become_(State::Stuck(failure.why));
    }
}
