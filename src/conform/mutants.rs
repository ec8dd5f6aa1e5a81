//! The judge is judged: each fault that `base::mutant` can switch on is noticed by some case, and the sound node passes.
//!
//! `mutants.txt` says which cases notice which fault. The ordinary tests play a few of them for each; two that are left
//! out of ordinary runs play everything:
//!
//! ```text
//! cargo test --lib mutants -- --ignored                       compares the table with what comes out, and fifty seeds
//! FILBERT_MUTANTS=write cargo test --lib every_fault -- --ignored      writes the table anew
//! FILBERT_MUTANTS=KeepsTtl cargo test --lib every_fault -- --ignored   tells of one fault
//! ```

use std::collections::BTreeMap;
use std::fmt::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{Case, Catalogue, Verdict, memory_subject};
use crate::base::mutant::{Mutant, switch_on};
use crate::specification::Specification;

/// What notices each fault stands there: read anew each time, so that it can be written anew.
const TABLE_PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/conform/mutants.txt");
/// Faults that there are at least.
const MUTANTS_MIN: usize = 60;
/// Cases of the table that ordinary runs play for each fault.
const PLAYED: usize = 2;
/// Seeds with which ordinary runs play all cases.
const SEEDS: u64 = 3;
/// The same of the run that is left out of ordinary ones.
const ALL_SEEDS: u64 = 50;

fn cases() -> Vec<Case> {
    let specification = Specification::embedded().unwrap();
    Catalogue::embedded(&specification).unwrap().cases().to_vec()
}

/// How a case goes; a node that panics does harm.
fn verdict(case: &Case, seed: u64) -> Verdict {
    let play = || memory_subject::judge(case, &memory_subject::settings(seed)).verdict;
    catch_unwind(AssertUnwindSafe(play)).unwrap_or(Verdict::Unsafe)
}

/// The same with a fault.
fn verdict_with(mutant: Mutant, case: &Case) -> Verdict {
    let _switched = switch_on(mutant);
    verdict(case, 1)
}

fn verdicts(cases: &[Case], seed: u64) -> Vec<Verdict> {
    cases.iter().map(|case| verdict(case, seed)).collect()
}

/// The cases that notice each fault, as the table says.
fn table(text: &str) -> BTreeMap<&str, Vec<&str>> {
    let faults = text.split("\n\n").filter_map(|fault| {
        let mut lines = fault.lines();
        let (name, _) = lines.next()?.split_once(": ")?;
        Some((name, lines.map(str::trim).collect()))
    });
    faults.collect()
}

#[test]
fn each_fault_is_noticed_by_cases_of_the_table() {
    let text = std::fs::read_to_string(TABLE_PATH).unwrap();
    let (cases, table) = (cases(), table(&text));
    let by_id: BTreeMap<_, _> = cases.iter().map(|case| (case.id.as_str(), case)).collect();
    let mut unnoticed = String::new();
    for mutant in Mutant::ALL.iter().copied() {
        let noticing = table.get(mutant.name()).map_or(&[][..], Vec::as_slice);
        assert!(!noticing.is_empty(), "{} is in no line of mutants.txt", mutant.name());
        for id in noticing.iter().take(PLAYED) {
            let case = by_id.get(id).unwrap_or_else(|| panic!("{id} is no case"));
            let (sound, faulty) = (verdict(case, 1), verdict_with(mutant, case));
            if faulty <= sound {
                writeln!(unnoticed, "{}: {id} is {faulty} as before", mutant.name()).unwrap();
            }
        }
    }
    assert!(unnoticed.is_empty(), "{unnoticed}");
    assert_eq!(table.len(), Mutant::ALL.len(), "mutants.txt tells of faults that are not there");
}

#[test]
fn there_are_faults_enough_and_of_both_networks() {
    let cases = cases();
    let of_fasttrack = |id: &str| {
        let case = cases.iter().find(|case| case.id == id);
        case.is_some_and(|case| case.network == crate::node::Network::FastTrack)
    };
    let text = std::fs::read_to_string(TABLE_PATH).unwrap();
    let table = table(&text);
    let count = table.values().filter(|ids| ids.iter().all(|id| of_fasttrack(id))).count();
    assert!(Mutant::ALL.len() >= MUTANTS_MIN && count >= MUTANTS_MIN / 4, "{count} of FastTrack");
}

#[test]
fn repeats_give_the_same_verdicts() {
    repeat(SEEDS);
}

#[test]
#[ignore = "takes a minute and more"]
fn fifty_repeats_give_the_same_verdicts() {
    repeat(ALL_SEEDS);
}

fn repeat(seeds: u64) {
    let cases = cases();
    let first = verdicts(&cases, 1);
    for (case, verdict) in cases.iter().zip(&first) {
        assert!(*verdict == Verdict::Pass || *verdict == Verdict::Unimplemented, "{}", case.id);
    }
    let mut flapping = String::new();
    for seed in 2..=seeds {
        for ((case, before), now) in cases.iter().zip(&first).zip(verdicts(&cases, seed)) {
            if *before != now {
                writeln!(flapping, "{}: {before}, and {now} with seed {seed}", case.id).unwrap();
            }
        }
    }
    assert!(flapping.is_empty(), "{flapping}");
}

#[test]
#[ignore = "takes minutes"]
fn every_fault_is_noticed_by_exactly_the_cases_of_the_table() {
    let wish = std::env::var("FILBERT_MUTANTS").unwrap_or_default();
    let cases = cases();
    let sound = verdicts(&cases, 1);
    let is_meant = |mutant: &Mutant| ["", "write", mutant.name()].contains(&wish.as_str());
    let meant: Vec<_> = Mutant::ALL.iter().copied().filter(is_meant).collect();
    let noticing = in_threads(&meant, |mutant| {
        let is_worse = |(case, sound): &(&Case, &Verdict)| verdict_with(mutant, case) > **sound;
        let ids: Vec<_> =
            cases.iter().zip(&sound).filter(is_worse).map(|(case, _)| &case.id).collect();
        println!("{}: {}", mutant.name(), ids.len());
        ids
    });
    let (mut told, mut unnoticed) = (Vec::new(), Vec::new());
    for (mutant, ids) in meant.iter().zip(noticing) {
        let mut fault = format!("{}: {}\n", mutant.name(), mutant.what());
        ids.iter().for_each(|id| writeln!(fault, "  {id}").unwrap());
        told.push(fault);
        if ids.is_empty() {
            unnoticed.push(mutant.name());
        }
    }
    let told = told.join("\n");
    match wish.as_str() {
        "write" => std::fs::write(TABLE_PATH, &told).unwrap(),
        "" => {
            let text = std::fs::read_to_string(TABLE_PATH).unwrap();
            assert_eq!(told, text, "mutants.txt is not what comes out");
        }
        _ => println!("{told}"),
    }
    assert!(unnoticed.is_empty(), "nothing notices {unnoticed:?}");
    assert_eq!(sound, verdicts(&cases, 1), "a fault is still switched on");
}

/// Does it for all of them, as fast as the machine allows. A fault is switched on in one thread only.
fn in_threads<T: Send>(mutants: &[Mutant], act: impl Fn(Mutant) -> T + Sync) -> Vec<T> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let share = mutants.len().div_ceil(threads).max(1);
    let act = &|mutants: &[Mutant]| mutants.iter().map(|mutant| act(*mutant)).collect::<Vec<_>>();
    std::thread::scope(|scope| {
        let run = |mutants| scope.spawn(move || act(mutants));
        let running: Vec<_> = mutants.chunks(share).map(run).collect();
        running.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    })
}
