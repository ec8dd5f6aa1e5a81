use super::link_driver::Driver;
use super::link_parts::decision;
use super::link_script::{Op, Script};
use super::link_witness::Side;
use crate::gnutella::link::Output;

/// Pieces that are worth their time.
const PIECES_MAX: usize = 500;

/// What happens to a link that somebody else has opened; [`Script`] says how that is told.
pub(super) fn link_accept(input: &[u8]) {
    check(Side::Accepting, input);
}

/// What happens to a link that we have opened.
pub(super) fn link_connect(input: &[u8]) {
    check(Side::Connecting, input);
}

/// Where the node decides at once, all comes out the same in other pieces. Otherwise it need not:
/// more may come ahead of a decision than is borne.
fn check(side: Side, input: &[u8]) {
    let script = Script::read(input);
    let given = run(side, &script, &script.ops);
    if script.at_once.is_none() {
        return;
    }
    let cut = script.cut();
    for ops in [script.joined(), cut] {
        if ops.len() > PIECES_MAX {
            continue;
        }
        let again = run(side, &script, &ops);
        assert_eq!(told(&given), told(&again), "it tells something else in other pieces");
        assert_eq!(given.written(), again.written(), "it writes something else in other pieces");
    }
}

/// What it told, but for what a piece took along that belongs to TLS.
fn told(driver: &Driver) -> Vec<Output> {
    let without_rest = |output: &Output| match output {
        Output::StartTls { .. } => Output::StartTls { unread: bytes::Bytes::new() },
        output => output.clone(),
    };
    driver.told().iter().map(without_rest).collect()
}

fn run(side: Side, script: &Script, ops: &[Op]) -> Driver {
    let mut driver = Driver::new(side, script.profile.clone());
    for op in ops {
        match op {
            Op::Receive(bytes) => driver.receive(bytes),
            Op::End => driver.end(),
            Op::Pass { wait_ms, is_late } => driver.pass(*wait_ms, *is_late),
            Op::Wake => driver.wake(),
            Op::Decide(choice) => driver.decide(decision(*choice, driver.question())),
            Op::Encrypted => driver.encrypted(),
            Op::Send(frames) => drop(driver.send(frames)),
            Op::Transmit(queue) => driver.transmit(*queue),
            Op::SayBye(code, reason) => driver.say_bye(*code, reason),
            Op::Blame(fault) => driver.blame(*fault),
        }
        answer(&mut driver, script.at_once);
    }
    driver.finish();
    driver
}

/// Decides where that is to be done at once, and sets up TLS.
pub(super) fn answer(driver: &mut Driver, at_once: Option<u8>) {
    let Some(choice) = at_once else { return };
    if driver.question().is_some() {
        driver.decide(decision(choice, driver.question()));
    }
    if driver.is_encrypting() {
        driver.encrypted();
    }
}
