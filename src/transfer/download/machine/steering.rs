use super::Download;
use crate::base::time::Time;
use crate::transfer::download::contract::{Output, SourceId, State, Work};
use crate::transfer::download::journal::Record;
use crate::transfer::download::source::Source;

impl Download {
    pub(super) fn pause(&mut self) {
        // What is stuck waits already, and says for what.
        let is_waiting = matches!(self.state, State::Paused | State::Stuck(_));
        if self.state.is_over() || is_waiting {
            return;
        }
        self.part_all();
        self.store.note(Record::Paused(true));
        self.commit();
        self.become_(State::Paused);
    }

    /// Others come first: it waits until it is resumed (DOWN-17).
    pub(super) fn queue(&mut self) {
        match self.state {
            State::Fetching => self.part_all(),
            State::Paused => self.store.note(Record::Paused(false)),
            State::Stuck(_) => {}
            _ => return,
        }
        self.leave_off(State::Queued);
    }

    pub(super) fn go_on(&mut self) {
        match self.state {
            State::Paused => self.store.note(Record::Paused(false)),
            State::Queued | State::Stuck(_) => {}
            _ => return,
        }
        self.needs_work = true;
        self.solo = None;
        self.sizes.denials.wait_anew();
        self.leave_off(State::Fetching);
    }

    /// It waits no more for what it has waited for. What the journal has to take back goes there before anything is
    /// written (DOWN-32).
    fn leave_off(&mut self, state: State) {
        let was_stuck = matches!(self.state, State::Stuck(_));
        self.become_(state);
        if was_stuck {
            self.try_again();
        }
        self.commit();
    }

    /// The user has mended the disk.
    fn try_again(&mut self) {
        self.sizes.hope_for_room();
        self.take_back_from_shelf();
        self.take_back_sizes();
        self.open_files();
    }

    pub(super) fn cancel(&mut self) {
        if self.state.is_over() {
            return;
        }
        self.part_all();
        self.store.work(Work::Remove, &mut self.outputs);
        self.become_(State::Cancelled);
    }

    pub(super) fn part_all(&mut self) {
        let busy = self.sources.values().filter(|source| source.is_busy());
        let busy: Vec<SourceId> = busy.map(|source| source.id).collect();
        for id in busy {
            self.part(id, Time::ZERO);
        }
        // Nobody asks for our places in time.
        self.sources.values_mut().for_each(Source::lose_place);
    }

    pub(super) fn become_(&mut self, state: State) {
        self.state = state.clone();
        self.outputs.push_back(Output::Became(state));
    }
}
