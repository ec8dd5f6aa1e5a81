use bytes::BytesMut;

use super::ft_driver::{Driver, Side};
use super::ft_plain::Keystream;
use super::ft_script::{Op, Script};
use crate::base::error::Fault;
use crate::base::limits::SESSION_FAULTS_MAX;
use crate::fasttrack::link::{Answer, Ending, Framing, Hello, Input, mask};

/// A seed of the table.
const KNOWN_SEED: u32 = 0x5b64_d199;

/// What happens to a session that somebody else has opened; [`Script`] says how that is told.
pub(super) fn ft_accept(input: &[u8]) {
    let script = Script::read(input);
    let mask = mask(KNOWN_SEED).expect("it is in the table");
    let answer = Answer::with_choice((KNOWN_SEED, mask), script.choice);
    let hello = Hello { seed: script.seed, ..Hello::with_wish(script.odd) };
    let seed = script.seed ^ answer.seed;
    check(&script, Side::Accepting(answer, script.choice), &hello.encode(), seed);
}

/// What happens to a session that we have opened.
pub(super) fn ft_connect(input: &[u8]) {
    let script = Script::read(input);
    let known = script.knows_mask.then_some(KNOWN_SEED);
    let seed = known.unwrap_or(script.seed);
    let number = script.choice.number() ^ script.odd;
    let answer = Answer { seed, word: mask(seed).unwrap_or(0) ^ number };
    check(&script, Side::Connecting, &answer.encode(), seed);
}

/// All comes out the same in other pieces, as long as nobody has to wait unread.
fn check(script: &Script, side: Side, hello: &[u8], seed: u32) {
    let given = run(script, side, hello, seed, false);
    let cut = run(script, side, hello, seed, true);
    if given.was_held || cut.was_held {
        return;
    }
    assert_eq!(given.told, cut.told, "it tells something else in other pieces");
    assert_eq!(given.written, cut.written, "it writes something else in other pieces");
}

fn run(script: &Script, side: Side, hello: &[u8], seed: u32, cuts: bool) -> Driver {
    let mut driver = Driver::new(side);
    let mut other = Other { stream: Keystream::new(seed, script.choice), framing: Framing::new() };
    let mut slips = 0;
    let receive = |driver: &mut Driver, bytes: &[u8]| {
        if cuts {
            script.cut(bytes).into_iter().for_each(|piece| driver.receive(piece));
        } else {
            driver.receive(bytes);
        }
    };
    driver.transmit();
    if script.greets {
        receive(&mut driver, hello);
        let name = other.say(b"KaZaA\0");
        receive(&mut driver, &name);
    }
    for op in &script.ops {
        match op {
            Op::Say(plain) => receive(&mut driver, &other.say(plain)),
            Op::Damage(bytes) => receive(&mut driver, bytes),
            Op::Frame(frame) => {
                let mut plain = BytesMut::new();
                other.framing.put(&crate::fasttrack::link::Item::Frame(frame.clone()), &mut plain);
                receive(&mut driver, &other.say(&plain));
            }
            Op::Pass { wait_ms, is_late } => driver.pass(*wait_ms, *is_late),
            Op::Wake => driver.wake(),
            Op::Ping => driver.handle(Input::Ping),
            Op::Leave => driver.handle(Input::Leave),
            Op::Blame(fault) => blame(&mut driver, *fault, &mut slips),
            Op::Send(frames) => driver.send(frames),
            Op::Transmit => driver.transmit(),
            Op::End => driver.handle(Input::Ended),
        }
    }
    driver.finish();
    driver
}

/// Slips are borne for a while, and nothing else is.
fn blame(driver: &mut Driver, fault: Fault, slips: &mut usize) {
    let (was_open, told) = (driver.session().is_some() && !driver.is_done(), driver.told.len());
    driver.handle(Input::Blame(fault));
    *slips += usize::from(was_open);
    let has_ended = driver.ending() == Some(&Ending::Fault(fault)) && driver.told.len() > told;
    assert!(!has_ended || was_open, "there is nobody to blame");
    let is_slip = matches!(fault, Fault::Malformed(_));
    assert!(!was_open || is_slip || has_ended, "it bears {fault}");
    assert!(!is_slip || !has_ended || *slips > SESSION_FAULTS_MAX, "it does not forgive");
}

/// The other side, as it speaks when it does it right.
struct Other {
    stream: Keystream,
    framing: Framing,
}

impl Other {
    fn say(&mut self, plain: &[u8]) -> Vec<u8> {
        self.stream.apply(plain)
    }
}
