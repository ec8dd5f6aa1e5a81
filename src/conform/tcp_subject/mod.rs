//! Any program, over TCP and UDP.

#![allow(clippy::disallowed_methods, reason = "here is where the clock and the sockets are")]
#![allow(clippy::disallowed_types, clippy::arithmetic_side_effects, reason = "as in the runtime")]

mod doors;
mod kept;
mod life;
mod sockets;
mod user;

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

pub use self::doors::Doors;
pub use self::life::{Life, look};
use self::sockets::Sockets;
use self::user::Commands;
pub use self::user::User;
use super::{Action, Case, Event, Outcome, Play, Settings};
use crate::base::time::Time;

/// How soon a subject that takes no connection is tried again.
const LOOKS_AGAIN: Duration = Duration::from_millis(100);

/// Where probes come from.
#[derive(Clone, Copy, Debug)]
pub struct Origins {
    /// The first of them, or the only one.
    base: Ipv4Addr,
    /// Each probe has an address of its own: on loopback there are enough.
    are_many: bool,
}

impl Origins {
    /// For a subject at this address: loopback has addresses for everybody.
    pub const fn towards(subject: Ipv4Addr) -> Self {
        Self { base: Ipv4Addr::LOCALHOST, are_many: subject.is_loopback() }
    }

    /// An address for a look at the subject: cases have others.
    pub fn of_look(self, number: u32) -> Option<IpAddr> {
        let [.., high, low] = number.to_be_bytes();
        let [first, ..] = self.base.octets();
        self.are_many.then(|| Ipv4Addr::new(first, 253, high, low.max(2)).into())
    }

    /// The address of the probe with this number in the case with that one. Nothing where the system is to choose.
    fn of(self, case: u32, probe: u32) -> Option<IpAddr> {
        if !self.are_many {
            return None;
        }
        let [first, ..] = self.base.octets();
        let [_, _, high, low] = case.wrapping_add(1).to_be_bytes();
        let last = u8::try_from(probe.wrapping_add(2) % 250).unwrap_or(2);
        Some(Ipv4Addr::new(first, high.wrapping_add(1), low, last).into())
    }
}

/// Plays a case against whoever listens at the address in the settings, or calls at the doors. `number` tells it from
/// others that are played at the same time.
pub async fn judge(
    case: &Case,
    settings: &Settings,
    user: &User,
    (origins, doors): (Origins, Doors),
    number: u32,
) -> Outcome {
    let began = Instant::now();
    let now = || Time::from_micros(1).after(began.elapsed());
    let mut play = Play::new(case, settings, now());
    let place = |probe| origins.of(number, probe);
    let mut sockets = Sockets::new(settings.subject, place, doors);
    let mut commands = Commands::new(user);
    loop {
        while let Some(action) = play.poll() {
            match action {
                Action::Ask { wish, what } => commands.ask(wish, &what),
                action => sockets.act(action),
            }
        }
        if let Some(outcome) = play.outcome() {
            return outcome;
        }
        let due = play.next_timeout().unwrap_or(Time::NEVER);
        let due = began + due.since(Time::ZERO).min(Duration::from_secs(3_600));
        let event = tokio::select! {
            event = sockets.next() => event,
            event = commands.next() => event,
            () = sleep_until(due) => Event::Timeout,
        };
        play.handle(event, now());
    }
}
