//! All cases of a run, several at a time, with looks at the subject between them.

use std::io::{self, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::time::{MissedTickBehavior, interval, timeout_at};

use super::field::{Ended, Field};
use super::group::{Group, grouped};
use super::order::Order;
use super::plan::{DURING, Plan};
use super::screen::Screen;
use super::watch::Watch;
use crate::conform::report::{Judged, Memory};
use crate::conform::tcp_subject;
use crate::conform::{Case, Outcome, Settings, Verdict};

/// How long cases have to end by themselves when the subject is gone, so that their bytes are in the report.
const LAST_WORDS_WITHIN: Duration = Duration::from_millis(300);
/// How soon it is seen that a subject that was started here has ended.
const GLANCES_EVERY: Duration = Duration::from_millis(50);

/// A run, and how far it is.
pub(super) struct Run<'a, W> {
    plan: &'a Plan,
    settings: Arc<Settings>,
    watch: &'a mut Watch,
    screen: &'a mut Screen<W>,
    cases: Vec<Arc<Case>>,
    outcomes: Vec<Option<Outcome>>,
    groups: Vec<Group>,
    order: Order,
    field: Field,
    /// Cases that were over when nobody had looked yet what they did to the subject.
    unsure: Vec<usize>,
    /// Why nothing more can be asked of the subject.
    gone: Option<String>,
    /// All before it were told.
    told: Vec<Judged>,
    began: Instant,
    complaints: Vec<String>,
}

/// What came of a run.
pub(super) struct Played {
    pub(super) judged: Vec<Judged>,
    pub(super) memory: Vec<Memory>,
    pub(super) took: Duration,
    /// What is to be said besides.
    pub(super) complaints: Vec<String>,
}

impl<'a, W: Write> Run<'a, W> {
    pub(super) fn new(
        plan: &'a Plan,
        cases: Vec<Case>,
        watch: &'a mut Watch,
        screen: &'a mut Screen<W>,
    ) -> Self {
        let order = Order::new(&cases, plan.room, DURING);
        Self {
            plan,
            settings: Arc::new(plan.settings()),
            watch,
            screen,
            outcomes: cases.iter().map(|_| None).collect(),
            groups: grouped(&cases),
            order,
            field: Field::default(),
            cases: cases.into_iter().map(Arc::new).collect(),
            unsure: Vec::new(),
            gone: None,
            told: Vec::new(),
            began: Instant::now(),
            complaints: Vec::new(),
        }
    }

    /// Plays all that can be played. Whoever stops waiting for it in between may still [end](Self::end) it.
    pub(super) async fn play(&mut self) -> io::Result<()> {
        let mut glances = interval(GLANCES_EVERY);
        glances.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            self.begin_some().await;
            if self.field.is_empty() {
                return Ok(());
            }
            tokio::select! {
                ended = self.field.next() => {
                    if let Some(ended) = ended {
                        self.end_one(ended).await;
                    }
                }
                _ = glances.tick(), if self.watch.is_ours() => {
                    if let Some(how) = self.watch.crash() {
                        self.falls(how).await;
                    }
                }
            }
            self.tell(false)?;
        }
    }

    /// What came of it; what was not played is not run.
    pub(super) fn end(mut self, why: Option<&str>) -> io::Result<Played> {
        let stopped = self.field.stop();
        if let Some(why) = why {
            let so_far = self.outcomes.iter().flatten().count();
            let all = self.outcomes.len();
            self.complaints.push(format!("{why} after {so_far} of {all} cases"));
            stopped.into_iter().for_each(|place| self.put(place, Outcome::not_run(why)));
        }
        let gone = self.gone.take().or(why.map(str::to_owned));
        let gone = gone.unwrap_or_else(|| "there was no turn for it".to_owned());
        for outcome in &mut self.outcomes {
            outcome.get_or_insert_with(|| Outcome::not_run(&gone));
        }
        self.tell(true)?;
        let memory = self.groups.iter().filter_map(Group::memory).collect();
        let took = self.began.elapsed();
        Ok(Played { judged: self.told, memory, took, complaints: self.complaints })
    }

    /// As many as there is room for. Before the first of a group the subject is looked at.
    async fn begin_some(&mut self) {
        while self.gone.is_none()
            && let Some(place) = self.order.next()
        {
            let Some(case) = self.cases.get(place).cloned() else { return };
            let memory_kib = self.watch.memory_kib();
            let Some(group) = group_of(&mut self.groups, place) else { return };
            if !group.is_open {
                if let Err(how) = self.watch.look(case.network).await {
                    self.order.put_back(place);
                    self.falls(how).await;
                    continue;
                }
                group.open(memory_kib);
            }
            self.begin(place, case);
        }
    }

    fn begin(&mut self, place: usize, case: Arc<Case>) {
        let (settings, user) = (Arc::clone(&self.settings), Arc::clone(&self.plan.user));
        let places = (self.plan.origins(), self.plan.doors.clone());
        let number = u32::try_from(place).unwrap_or(u32::MAX);
        self.field.begin(place, async move {
            match case.needs_files && settings.file.is_none() {
                true => Outcome::not_run("nobody has said which file it shares"),
                false => tcp_subject::judge(&case, &settings, &user, places, number).await,
            }
        });
    }

    /// A case is over. After one that has failed, and after the last of a group, the subject is looked at.
    async fn end_one(&mut self, Ended { place, outcome, fault }: Ended) {
        let verdict = outcome.verdict;
        self.complaints.extend(fault);
        self.is_over(place, outcome);
        self.unsure.push(place);
        let memory_kib = self.watch.memory_kib();
        for group in self.groups.iter_mut().filter(|group| group.is_open) {
            group.read_memory(memory_kib, place);
        }
        let Some(group) = group_of(&mut self.groups, place) else { return };
        let (network, is_over, harm) = (group.network, group.is_over(), group.harm());
        if is_over {
            group.close();
        }
        if let Some((place, why)) = harm {
            self.blame(place, &why);
            // One leak is one harm, whoever else was played meanwhile.
            self.groups.iter_mut().for_each(|group| group.begin_anew(memory_kib));
        }
        if is_over || matches!(verdict, Verdict::NonStrict | Verdict::Fail | Verdict::Unsafe) {
            match self.watch.look(network).await {
                Ok(()) => self.unsure.clear(),
                Err(how) => self.falls(how).await,
            }
        }
    }

    /// Something is wrong with the subject. Whoever plays has done it, or who has failed since it was well; if
    /// nobody has, then all since then.
    async fn falls(&mut self, how: String) {
        let until = Instant::now() + LAST_WORDS_WITHIN;
        let mut unsure = std::mem::take(&mut self.unsure);
        while let Ok(Some(ended)) = timeout_at(until.into(), self.field.next()).await {
            unsure.push(ended.place);
            self.is_over(ended.place, ended.outcome);
        }
        let stopped = self.field.stop();
        stopped.iter().for_each(|place| self.is_over(*place, Outcome::not_run("")));
        let has_failed = |place: &usize| {
            let outcome = self.outcomes.get(*place).and_then(Option::as_ref);
            outcome.is_some_and(|outcome| outcome.verdict != Verdict::Pass)
        };
        let failed = unsure.iter().copied().filter(has_failed);
        let mut blamed: Vec<usize> = stopped.into_iter().chain(failed).collect();
        if blamed.is_empty() {
            blamed = unsure;
        }
        blamed.into_iter().for_each(|place| self.blame(place, &how));
        let network = self.groups.first().map(|group| group.network);
        let Some(network) = network else { return };
        match self.watch.revive(network).await {
            Ok(()) => self.complaints.push(format!("the subject was started again: {how}")),
            Err(why) => {
                self.complaints.push(format!("the subject is gone: {how}; {why}"));
                self.gone = Some(format!("the subject is gone: {how}"));
            }
        }
        let memory_kib = self.watch.memory_kib();
        self.groups.iter_mut().for_each(|group| group.begin_anew(memory_kib));
    }

    fn blame(&mut self, place: usize, how: &str) {
        let Some(Some(outcome)) = self.outcomes.get_mut(place) else { return };
        let before = outcome.actual.take().filter(|before| !before.is_empty());
        outcome.verdict = Verdict::Unsafe;
        outcome.actual = Some(match before {
            Some(before) => format!("{before}; and then: {how}"),
            None => how.to_owned(),
        });
    }

    fn is_over(&mut self, place: usize, outcome: Outcome) {
        self.order.is_over(place);
        self.put(place, outcome);
        if let Some(group) = group_of(&mut self.groups, place) {
            group.left = group.left.saturating_sub(1);
        }
    }

    fn put(&mut self, place: usize, outcome: Outcome) {
        if let Some(place) = self.outcomes.get_mut(place) {
            *place = Some(outcome);
        }
    }

    /// Tells of the cases of groups that are over, in their order.
    fn tell(&mut self, is_end: bool) -> io::Result<()> {
        let over = self.outcomes.iter().flatten();
        let failed = over.clone().filter(|outcome| outcome.verdict.fails(false)).count();
        self.screen.progress(over.count(), self.cases.len(), failed);
        while let Some(case) = self.cases.get(self.told.len()) {
            let place = self.told.len();
            let is_over = group_of(&mut self.groups, place).is_some_and(|group| group.is_over());
            let Some(outcome) = self.outcomes.get(place).and_then(Option::as_ref) else { break };
            if !is_end && (!is_over || self.unsure.contains(&place)) {
                break;
            }
            let expected_because = self.plan.expected.reason(&case.id).map(str::to_owned);
            let case = Case::clone(case);
            let judged = Judged { case, outcome: outcome.clone(), expected_because };
            self.screen.tell(&judged)?;
            self.told.push(judged);
        }
        Ok(())
    }
}

fn group_of(groups: &mut [Group], place: usize) -> Option<&mut Group> {
    groups.iter_mut().find(|group| group.places.contains(&place))
}
