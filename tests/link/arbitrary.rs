//! Links under whatever a peer may send and a driver may do.

use filbert::base::error::{Fault, Misbehaved, Rule};
use filbert::base::limits::{HANDSHAKE_TIMEOUT_MS, REFUSAL_GRACE_MS};
use filbert::gnutella::link::{Decision, Input, Output, Refusal, Role};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::any_stream::{AnyStream, any_stream, any_way};
use crate::streams::messages;
use crate::support::properties::cases;
use crate::trace::{Answers, NOW, Trace};

/// Timeouts after which an open link has nothing to wait for but the other side: a flush, a rest, a
/// message that does not come to its end, the grace after our Bye.
const OPEN_TIMEOUTS_MAX: usize = 4;

/// What a driver does.
#[derive(Clone, Debug)]
enum Step {
    Receive(Vec<u8>),
    /// The next piece of a stream that makes sense.
    ReceiveMore(usize),
    Decide(Decision),
    Encrypted,
    Bye,
    Blame(&'static str),
    /// So many milliseconds pass, and it may be too early.
    Wait(u64),
    Send,
}

fn any_step() -> impl Strategy<Value = Step> {
    let decision = prop_oneof![
        4 => Just(Decision::accept(Role::Leaf)),
        4 => Just(Decision::accept(Role::Ultrapeer)),
        1 => Just(Decision::Refuse(Refusal::no_room(Vec::new()))),
    ];
    prop_oneof![
        2 => vec(any::<u8>(), 0..60).prop_map(Step::Receive),
        12 => (0..300_usize).prop_map(Step::ReceiveMore),
        4 => decision.prop_map(Step::Decide),
        2 => Just(Step::Encrypted),
        1 => Just(Step::Bye),
        1 => prop_oneof![Just("QRP-04"), Just("PONG-01"), Just("SIZE-07")].prop_map(Step::Blame),
        3 => (0..40_000_u64).prop_map(Step::Wait),
        2 => Just(Step::Send),
    ]
}

proptest! {
    #![proptest_config(cases(1_000))]

    /// FRAME-06, LINK-10, LINK-13, LINK-16, SIZE-14: what a stream means does not depend on how it
    /// was cut, valid or damaged.
    #[test]
    fn any_stream_means_the_same_in_any_pieces(stream in any_stream()) {
        let whole = Trace::of(stream.way.link(), [&stream.bytes[..]]);
        let cut = Trace::of(stream.way.link(), stream.pieces());
        cut.assert_like(&whole, format_args!("{stream:?}"));
    }

    /// LINK-23: whatever has come, a link has ended once the other side has.
    #[test]
    fn any_bytes_end_in_one_ending(
        way in any_way(),
        pieces in vec(vec(any::<u8>(), 0..200), 0..8),
    ) {
        Trace::of(way.link(), pieces.iter().map(Vec::as_slice));
    }

    /// LINK-23: and so it has if the driver does things at moments that nobody thought of.
    #[test]
    fn any_driver_sees_one_ending(stream in any_stream(), steps in vec(any_step(), 0..30)) {
        let mut trace = driven(&stream, &steps);
        trace.handle(Input::Ended);
        trace.assert_ended_once();
    }

    /// LINK-07, SIZE-18: a peer that falls silent in a handshake is waited for until its
    /// deadline and no longer, and nothing that came before moves that.
    #[test]
    fn any_silence_in_a_handshake_ends(stream in any_stream(), steps in vec(any_step(), 0..30)) {
        let mut trace = driven(&stream, &steps);
        let is_open = trace.outputs.iter().any(|output| matches!(output, Output::Opened(_)));
        let timeouts = wait(&mut trace);
        if !is_open {
            trace.assert_ended_once();
            prop_assert!(timeouts <= 2, "{} timeouts", timeouts);
            let latest = NOW.after_ms(HANDSHAKE_TIMEOUT_MS + REFUSAL_GRACE_MS);
            let last_input = NOW.after_ms(steps.iter().map(waited_ms).sum());
            prop_assert!(trace.now <= latest.max(last_input));
        }
        prop_assert!(timeouts <= OPEN_TIMEOUTS_MAX, "{} timeouts", timeouts);
    }
}

/// All that a driver does, with a link whose peer sends this.
fn driven(stream: &AnyStream, steps: &[Step]) -> Trace {
    let mut trace = Trace::new(stream.way.link(), Answers::Later);
    let mut rest = &stream.bytes[..];
    for step in steps {
        match step {
            Step::Receive(bytes) => trace.handle(Input::Received(bytes)),
            Step::ReceiveMore(len) => {
                let (piece, after) = rest.split_at(rest.len().min(*len));
                rest = after;
                trace.handle(Input::Received(piece));
            }
            Step::Decide(decision) => trace.handle(Input::Decided(decision.clone())),
            Step::Encrypted => trace.handle(Input::Encrypted),
            Step::Bye => trace.handle(Input::Bye { code: 200, reason: "enough" }),
            Step::Blame(rule) => trace.handle(Input::Blame(fault(rule))),
            Step::Wait(wait_ms) => {
                trace.now = trace.now.after_ms(*wait_ms);
                trace.handle(Input::Timeout);
            }
            Step::Send => trace.send(&messages()),
        }
    }
    trace
}

fn fault(rule: &'static str) -> Fault {
    Misbehaved { rule: Rule::new(rule), what: "the node says so" }.into()
}

const fn waited_ms(step: &Step) -> u64 {
    match step {
        Step::Wait(wait_ms) => *wait_ms,
        _ => 0,
    }
}

/// Lets time pass until the link waits for nothing more, and says how often it was woken.
fn wait(trace: &mut Trace) -> usize {
    let mut timeouts = 0;
    while let Some((due, _)) = trace.link.next_timeout() {
        timeouts += 1;
        assert!(timeouts < 100, "it is woken for ever");
        trace.now = trace.now.max(due);
        trace.handle(Input::Timeout);
    }
    timeouts
}
