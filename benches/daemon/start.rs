use std::fs;
use std::time::Duration;

use crate::process::Program;

const STARTS: usize = 11;
const READY_TARGET: Duration = Duration::from_millis(100);
const MEBIBYTE: f64 = 1_048_576.0;

/// How long the program takes to be ready, and what it needs then.
pub(crate) fn measure() {
    let mut readies = Vec::new();
    let mut resident_len = 0;
    for _ in 0..STARTS {
        let program = Program::start(&[]);
        readies.push(program.ready_after);
        resident_len = resident_len.max(program.resident_len());
    }
    readies.sort_unstable();
    let binary = fs::metadata(env!("CARGO_BIN_EXE_filbert")).expect("it is built").len();
    println!(
        "start: ready after {:.0?} (median of {STARTS}, most {:.0?}; target {READY_TARGET:?}), resident \
         {:.1} MiB (target 20), program {:.1} MiB with its symbols",
        readies[STARTS / 2],
        readies[STARTS - 1],
        resident_len as f64 / MEBIBYTE,
        binary as f64 / MEBIBYTE
    );
}
