//! What one link sends, another one receives: all of it, in order, and in time.

use bytes::Bytes;
use filbert::base::limits::DEFLATE_FLUSH_MS;
use filbert::base::time::Time;
use filbert::gnutella::link::{Decision, Ending, Input, Profile, Question, Queue, Role};
use filbert::gnutella::wire::{Frame, Function, Guid};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::support::pair::{End, Pair};
use crate::support::properties::cases;

/// What the driver of the sending side does at one moment.
#[derive(Clone, Debug)]
struct Turn {
    /// Milliseconds since the last one.
    wait_ms: u64,
    frames: Vec<Frame>,
    queue: Queue,
    /// The wire hands over so many bytes at a time.
    piece_len: usize,
}

fn any_turn() -> impl Strategy<Value = Turn> {
    let wait_ms = prop_oneof![4 => Just(0), 4 => 0..300_u64, 1 => 0..70_000_u64];
    let queue = select(vec![Queue::Dry, Queue::More]);
    let piece_len = select(vec![1, 23, 1_000, usize::MAX]);
    let turn = (wait_ms, vec(any_frame(), 0..6), queue, piece_len);
    turn.prop_map(|(wait_ms, frames, queue, piece_len)| Turn { wait_ms, frames, queue, piece_len })
}

/// A frame that nobody has a reason to drop.
fn any_frame() -> impl Strategy<Value = Frame> {
    let of_any_kind = select(vec![
        (Function::PING, 0..1_500_usize),
        (Function::QUERY, 4..1_025),
        (Function::QUERY_HIT, 0..60_000),
        (Function::VENDOR, 0..40_961),
        (Function::QUERY_TABLE, 0..5_000),
    ]);
    let sized = of_any_kind.prop_flat_map(|(function, lens)| {
        let short = lens.start..lens.end.min(200);
        (Just(function), prop_oneof![9 => short, 1 => lens])
    });
    (sized, any::<u64>(), 0..2_u8).prop_map(|((function, len), seed, ttl)| Frame {
        guid: Guid(seed.to_be_bytes().repeat(2).try_into().unwrap()),
        function,
        ttl,
        hops: 0,
        size_flags: None,
        payload: payload(seed, len),
    })
}

/// Bytes of which every other one tells nothing.
fn payload(seed: u64, len: usize) -> Bytes {
    let mut state = seed | 1;
    let next = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        [b'x', state.to_be_bytes()[0]]
    };
    (0..len.div_ceil(2)).flat_map(next).take(len).collect()
}

proptest! {
    #![proptest_config(cases(250))]

    /// HAND-39, LINK-10, LINK-14, LINK-15, LINK-21, LINK-24, FRAME-06: what has come is in order at
    /// any time, and nothing is missing after a dry queue, after 200 ms, or before a Bye.
    #[test]
    fn what_is_sent_arrives_whole_in_order_and_in_time(
        is_caller in any::<bool>(),
        deflates in any::<bool>(),
        role in select(vec![Role::Leaf, Role::Ultrapeer]),
        turns in vec(any_turn(), 1..12),
    ) {
        let mut flow = Flow::open(is_caller, deflates, role);
        turns.into_iter().for_each(|turn| flow.take(turn));
        flow.say_bye();
    }
}

/// One direction of a link between two of ours.
struct Flow {
    from: End,
    to: End,
    now: Time,
    deflates: bool,
    sent: Vec<Frame>,
    /// When the first of the frames was sent that need not have arrived.
    waits_since: Option<Time>,
}

impl Flow {
    /// The calling side, which has this role, calls an ultrapeer. Either of them sends.
    fn open(is_caller: bool, deflates: bool, role: Role) -> Self {
        let profile = |role| Profile { sends_deflate: deflates, ..Profile::new(role) };
        let mut pair = Pair::new(profile(role), profile(Role::Ultrapeer));
        pair.talk();
        let Pair { connecting, accepting, now, .. } = pair;
        let (from, to) = if is_caller { (connecting, accepting) } else { (accepting, connecting) };
        assert_eq!(from.agreement().map(|agreement| agreement.sends_deflate), Some(deflates));
        Self { from, to, now, deflates, sent: Vec::new(), waits_since: None }
    }

    fn take(&mut self, turn: Turn) {
        self.wait(turn.wait_ms, turn.piece_len);
        for frame in turn.frames {
            assert!(self.from.link.wants_frames());
            self.from.link.send(&frame, self.now);
            self.sent.push(frame);
            self.waits_since.get_or_insert(self.now);
            if !self.from.link.wants_frames() {
                self.carry(Queue::More, turn.piece_len);
            }
        }
        self.carry(turn.queue, turn.piece_len);
        self.assert_in_order();
        if turn.queue == Queue::Dry || !self.deflates {
            self.assert_arrived();
        }
    }

    /// Lets time pass, and wakes the sending side when it wants to be woken.
    fn wait(&mut self, wait_ms: u64, piece_len: usize) {
        let (until, mut woken) = (self.now.after_ms(wait_ms), 0);
        while let Some((due, _)) = self.from.link.next_timeout().filter(|(due, _)| *due <= until) {
            self.now = self.now.max(due);
            self.from.link.handle(Input::Timeout, self.now);
            assert_eq!(self.from.link.poll(), None, "nothing ends here");
            woken += 1;
            assert!(woken <= 2, "a flush and a rest is all that there is to do");
            self.carry(Queue::More, piece_len);
        }
        self.now = until;
        let is_due = |since: Time| since.after_ms(DEFLATE_FLUSH_MS) <= until;
        if self.waits_since.is_some_and(is_due) {
            self.assert_arrived();
        }
    }

    /// Hands over what the sending side wants to be written.
    fn carry(&mut self, queue: Queue, piece_len: usize) {
        let none = |_: &Question| -> Decision { unreachable!("the link is open") };
        while let Some(bytes) = self.from.link.transmit(queue, self.now) {
            for piece in bytes.chunks(piece_len) {
                self.to.handle(Input::Received(piece), &none, self.now);
            }
        }
    }

    fn say_bye(&mut self) {
        self.from.link.handle(Input::Bye { code: 200, reason: "enough" }, self.now);
        while self.from.link.poll().is_some() {}
        self.carry(Queue::Dry, 1_000);
        self.assert_arrived();
        let Some(Ending::Farewell(bye)) = self.to.ending() else {
            panic!("{:?}", self.to.ending());
        };
        assert_eq!((bye.code, bye.reason()), (200, &b"enough"[..]));
    }

    fn assert_in_order(&self) {
        let received = self.to.frames();
        assert!(self.sent.starts_with(&received), "{} of {}", received.len(), self.sent.len());
    }

    fn assert_arrived(&mut self) {
        self.assert_in_order();
        assert_eq!(self.to.frames().len(), self.sent.len());
        self.waits_since = None;
    }
}
