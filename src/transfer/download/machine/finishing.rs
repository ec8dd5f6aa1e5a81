use super::Download;
use crate::base::ranges::ByteRange;
use crate::base::time::Time;
use crate::transfer::download::contract::{Hashes, State, Why, Work};
use crate::transfer::download::journal::Record;

impl Download {
    /// All bytes are there: they are read from the disk once more, and their hashes decide (DOWN-01, FTHTTP-16).
    pub(super) fn finish_if_whole(&mut self) {
        let is_whole = self.size.is_some() && self.pieces.is_whole();
        // What was wrong is no better before another byte has come.
        let is_known = self.wrong_at == Some(self.received_len);
        if self.state != State::Fetching || !is_whole || is_known {
            return;
        }
        self.commit();
        self.part_all();
        self.needs_work = false;
        let others = self.intent.known_by.sha1().is_none();
        self.store.work(Work::Hash { others }, &mut self.outputs);
        self.become_(State::Verifying);
    }

    pub(super) fn hashed(&mut self, hashes: &Hashes, now: Time) {
        if self.state != State::Verifying {
            return;
        }
        if self.intent.is_met_by(hashes) {
            self.found_sha1 = Some(hashes.sha1);
            self.choose_name();
            self.name.is_settled = true;
            self.store.note(Record::Whole);
            self.commit();
            self.store.work(Work::Finish { name: self.name().to_owned() }, &mut self.outputs);
            return;
        }
        self.is_wrong(now);
        self.needs_work = true;
        self.become_(State::Fetching);
    }

    /// The whole is not what was asked for. With a tree the tree was wrong; without one, somebody has lied,
    /// and from now on only one source is asked at a time.
    fn is_wrong(&mut self, now: Time) {
        self.wrong_at = Some(self.received_len);
        let senders = self.pieces.senders();
        let root = self.pieces.row().map(crate::transfer::download::row::Row::root);
        self.pieces.begin_again();
        self.store.note(Record::NoTree);
        let all = ByteRange::new(0, self.size.unwrap_or_default());
        self.fetch_again(vec![all]);
        // Others may have been given bytes of it, and may be reading still (DOWN-19).
        self.begin_files_again();
        if let Some(root) = root {
            self.forget_tree(root);
            return self.doubt_size(now);
        }
        self.trees.one_at_a_time = true;
        if let Some([liar]) = senders.as_deref() {
            self.drop_source(*liar, Why::WrongBytes);
        }
        self.alone = None;
        self.doubt_size(now);
    }
}
