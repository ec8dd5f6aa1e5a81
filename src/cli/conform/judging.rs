//! A run from the first look at the subject to the reports.

use std::ffi::OsStr;
use std::fs;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{self, IsTerminal, Write};
use std::net::SocketAddrV4;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use serde_json::Value;

use super::super::asking::Interrupts;
use super::super::bar::Bar;
use super::super::{Exit, complain};
use super::plan::Plan;
use super::playing::{Played, Run};
use super::process::Subject;
use super::screen::Screen;
use super::watch::Watch;
use super::{Arguments, AsRole};
use crate::conform::report::text::{Paint, summary};
use crate::conform::report::{Judged, Results, html, json, junit};
use crate::conform::tcp_subject::Doors;
use crate::conform::{Case, Expected, Needs, Settings, memory_subject, shared_file};

/// How long a subject that is started here may take until it is there.
const STARTS_WITHIN: Duration = Duration::from_secs(20);

/// Ultrapeers that may call an ultrapeer at the same time, and a leaf: leaves have three or four, and keep room for
/// those that they call.
const ULTRAPEERS_OF_ULTRAPEER: u32 = 12;
const ULTRAPEERS_OF_LEAF: u32 = 2;

/// Leaves that an ultrapeer takes at the same time; they all take more.
const LEAVES: u32 = 16;

/// Files that are asked for at the same time: less than any node serves.
const UPLOADS: u32 = 3;

/// Judges the node of this program, in memory.
pub(super) fn judge_itself(
    arguments: &Arguments,
    cases: Vec<Case>,
    expected: &Expected,
) -> anyhow::Result<Exit> {
    let mut screen = screen(arguments);
    let is_caller = arguments.calling;
    let seed = arguments.seed.unwrap_or(1);
    let settings = Settings { is_caller, ..memory_subject::settings(seed) };
    let (began, all) = (Instant::now(), cases.len());
    let mut judged: Vec<Judged> = Vec::new();
    for case in cases {
        let outcome = memory_subject::judge(&case, &settings);
        let expected_because = expected.reason(&case.id).map(str::to_owned);
        let one = Judged { case, outcome, expected_because };
        screen.tell(&one)?;
        judged.push(one);
        let failed = judged.iter().filter(|judged| judged.fails(false)).count();
        screen.progress(judged.len(), all, failed);
    }
    let played =
        Played { judged, memory: Vec::new(), took: began.elapsed(), complaints: Vec::new() };
    report(arguments, screen, ("its own node, in memory".to_owned(), seed), played)
}

/// Judges whoever takes connections there, or calls.
pub(super) fn judge(
    arguments: &Arguments,
    subject: Option<SocketAddrV4>,
    (cases, expected): (Vec<Case>, Expected),
) -> anyhow::Result<Exit> {
    // It need not be hard to guess, but short to type.
    let drawn = || RandomState::new().build_hasher().finish() % 1_000_000;
    let seed = arguments.seed.unwrap_or_else(drawn);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let doors = {
        let _guard = runtime.enter();
        Doors::open(&arguments.listen).context("--listen: nobody can wait there")?
    };
    let plan = Plan {
        subject,
        doors,
        seed,
        within: Duration::from_millis(arguments.timeout),
        room: (jobs(arguments), room(arguments)),
        file: arguments.shares.as_deref().map(described).transpose()?,
        expected,
        user: arguments.user.user(),
    };
    let process = arguments.spawn.as_deref().map(Subject::start).transpose()?;
    let mut watch = Watch::new((subject, plan.origins()), process, plan.within, STARTS_WITHIN);
    let mut screen = screen(arguments);
    let named = || arguments.listen.iter().map(|at| format!("whoever calls {at}")).collect();
    let subject = arguments.subject.clone().unwrap_or_else(named);
    let (played, is_interrupted) = runtime.block_on(async {
        let mut interrupts = Interrupts::new().context("cannot listen to signals")?;
        if let Some(first) = cases.first()
            && let Err(why) = watch.awaited(first.network).await
        {
            bail!("the subject at {subject}: {why}; start it first");
        }
        let mut run = Run::new(&plan, cases, &mut watch, &mut screen);
        let is_interrupted = tokio::select! {
            played = run.play() => played.map(|()| false)?,
            () = interrupts.next() => true,
        };
        Ok((run.end(is_interrupted.then_some("the run was ended early"))?, is_interrupted))
    })?;
    watch.end();
    let has_complaints = !played.complaints.is_empty();
    let exit = report(arguments, screen, (subject, seed), played)?;
    Ok(match (is_interrupted, has_complaints) {
        (true, _) => Exit::Interrupted,
        (false, true) => Exit::Failed,
        (false, false) => exit,
    })
}

fn screen(arguments: &Arguments) -> Screen<io::StdoutLock<'static>> {
    let paint = Paint { is_on: io::stdout().is_terminal() };
    let (out, bar) = (io::stdout().lock(), Bar::new(true));
    Screen { out, paint, shows_bytes: arguments.bytes, bar }
}

fn report(
    arguments: &Arguments,
    mut screen: Screen<impl Write>,
    (subject, seed): (String, u64),
    played: Played,
) -> anyhow::Result<Exit> {
    let Played { judged, memory, took, complaints } = played;
    let agent = judged.iter().find_map(|judged| judged.outcome.agent.clone());
    let results = Results { subject, agent, seed, judged, took, memory };
    screen.bar.end();
    screen.out.write_all(summary(&results).as_bytes())?;
    complaints.iter().for_each(|complaint| complain(complaint));
    write_reports(arguments, &results)?;
    let has_failed = results.has_failed(arguments.strict);
    Ok(if has_failed { Exit::Failed } else { Exit::Success })
}

/// Whoever only calls does not call for many at once.
fn jobs(arguments: &Arguments) -> u32 {
    let doors = u32::try_from(arguments.listen.len()).unwrap_or(u32::MAX);
    let jobs = u32::from(arguments.jobs);
    if arguments.subject.is_some() { jobs } else { jobs.min(doors) }
}

fn room(arguments: &Arguments) -> Needs {
    let usual = match arguments.role {
        AsRole::Leaf => ULTRAPEERS_OF_LEAF,
        AsRole::Ultrapeer | AsRole::Both => ULTRAPEERS_OF_ULTRAPEER,
    };
    let ultrapeers = arguments.links.map_or(usual, u32::from);
    let calls = u32::try_from(arguments.listen.len()).unwrap_or(u32::MAX);
    Needs { ultrapeers, leaves: LEAVES, uploads: UPLOADS, calls }
}

/// The file, as cases name it.
fn described(path: &Path) -> anyhow::Result<Value> {
    let shown = path.display();
    let bytes = fs::read(path).with_context(|| format!("{shown} cannot be read"))?;
    let name = path.file_name().and_then(OsStr::to_str);
    let name = name.with_context(|| format!("{shown} has no name that could be looked for"))?;
    Ok(shared_file(name, &bytes))
}

fn write_reports(arguments: &Arguments, results: &Results) -> anyhow::Result<()> {
    let reports = [
        (&arguments.json, format!("{:#}\n", json::report(results))),
        (&arguments.junit, junit::report(results, arguments.strict)),
        (&arguments.html, html::report(results)),
    ];
    for (path, report) in reports {
        if let Some(path) = path {
            fs::write(path, report).with_context(|| format!("{path} cannot be written"))?;
        }
    }
    Ok(())
}
