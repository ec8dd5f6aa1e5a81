//! All cases of a run, group by group, several at a time.

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::task::JoinSet;

use crate::conform::report::Judged;
use crate::conform::tcp_subject::{self, Doors, Origins, User};
use crate::conform::{Case, Expected, Outcome, Settings, Verdict};

/// How a run is made.
pub(super) struct Plan {
    /// Where the subject takes connections, if it does.
    pub(super) subject: Option<SocketAddrV4>,
    /// Where it calls by itself.
    pub(super) doors: Doors,
    pub(super) seed: u64,
    pub(super) within: Duration,
    pub(super) jobs: usize,
    /// A file that the subject shares.
    pub(super) file: Option<Value>,
    pub(super) expected: Expected,
    pub(super) user: Arc<User>,
}

/// How long it may take until it calls by itself.
const CALLS_WITHIN: Duration = Duration::from_secs(60);
/// How long nothing must come where a case does not say so.
const DURING: Duration = Duration::from_secs(1);

/// Plays all cases. Each group stands between two looks at whether the subject is there, so that one that
/// is gone is not blamed for all that follows. `told` hears of each case as soon as all before it are known.
pub(super) async fn play_all(
    plan: &Plan,
    cases: Vec<Case>,
    mut told: impl FnMut(&Judged) -> io::Result<()>,
) -> io::Result<(Vec<Judged>, Duration)> {
    let began = Instant::now();
    let mut all = Vec::new();
    let mut is_there = is_there_for(plan).await;
    for group in cases.chunk_by(|one, next| one.group() == next.group()) {
        let first = all.len();
        let judged = match is_there {
            true => play_group(plan, group, first).await,
            false => group.iter().map(gone).collect(),
        };
        let was_there = is_there;
        is_there = is_there && is_there_for(plan).await;
        for mut one in judged {
            if was_there && !is_there && one.outcome.verdict != Verdict::Pass {
                one.outcome.verdict = Verdict::Unsafe;
                let actual = one.outcome.actual.take().unwrap_or_default();
                one.outcome.actual = Some(format!("{actual}; and then it was gone"));
            }
            one.expected_because = plan.expected.reason(&one.case.id).map(str::to_owned);
            told(&one)?;
            all.push(one);
        }
    }
    Ok((all, began.elapsed()))
}

async fn play_group(plan: &Plan, group: &[Case], first: usize) -> Vec<Judged> {
    let settings = Arc::new(Settings {
        seed: plan.seed,
        subject: plan.subject,
        within: plan.within,
        calls_within: CALLS_WITHIN,
        is_caller: plan.subject.is_none(),
        during: DURING,
        file: plan.file.clone(),
    });
    let towards = plan.subject.map_or(Ipv4Addr::UNSPECIFIED, |subject| *subject.ip());
    let origins = Origins::towards(towards);
    let mut waiting = group.iter().cloned().enumerate();
    let (mut running, mut done) = (JoinSet::new(), BTreeMap::new());
    loop {
        while running.len() < plan.jobs
            && let Some((place, case)) = waiting.next()
        {
            let (settings, user) = (Arc::clone(&settings), Arc::clone(&plan.user));
            let places = (origins, plan.doors.clone());
            let number = u32::try_from(first.saturating_add(place)).unwrap_or(u32::MAX);
            running.spawn(async move {
                let outcome = match case.needs_files && settings.file.is_none() {
                    true => Outcome::not_run("nobody has said which file it shares"),
                    false => tcp_subject::judge(&case, &settings, &user, places, number).await,
                };
                (place, Judged { case, outcome, expected_because: None })
            });
        }
        match running.join_next().await {
            Some(Ok((place, judged))) => {
                done.insert(place, judged);
            }
            // A case does not panic, and nobody cancels it.
            Some(Err(_)) => {}
            None => return done.into_values().collect(),
        }
    }
}

/// Who only calls is looked for by nobody.
pub(super) async fn is_there_for(plan: &Plan) -> bool {
    match plan.subject {
        Some(subject) => tcp_subject::is_there(subject, plan.within).await,
        None => true,
    }
}

fn gone(case: &Case) -> Judged {
    let outcome = Outcome::not_run("nobody takes connections there");
    Judged { case: case.clone(), outcome, expected_because: None }
}
