//! Five hundred hosts that want all slots for themselves, and a few that only want a file, under a virtual
//! clock (A22 in the list of attacks).

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use filbert::base::limits::{UPLOAD_QUEUED_PER_HOST, UPLOAD_TURN_MS, UPLOAD_WINDOW_MS};
use filbert::base::time::Time;
use filbert::index::files::FileId;
use filbert::transfer::upload::{
    Ask, Counter, CounterOutput, Manner, Terms, Ticket, Verdict, VisitId,
};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

const SLOTS: usize = 4;
const HOGS: usize = 500;
const TERMS: Terms = Terms { slots: SLOTS, slots_per_host: 1, queue_len: 2_000 };

/// What somebody does with its place and its slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Conduct {
    /// Takes its file within a turn, and goes.
    Honest,
    /// Takes what the system buffers, and then nothing: a window of no bytes.
    Stalls,
    /// Takes just enough not to be thrown out, as long as it can.
    Drips,
    /// Takes its turn at full speed, and comes again at once.
    Returns,
    /// Asks far too often.
    Pesters,
    /// Takes a place, and never asks again.
    Vanishes,
    /// Opens three connections, and shows the numbers of others.
    Steals,
    /// Takes all places that a host may have.
    Crowds,
}

const HOGS_CONDUCT: [Conduct; 6] = [
    Conduct::Stalls,
    Conduct::Drips,
    Conduct::Returns,
    Conduct::Pesters,
    Conduct::Vanishes,
    Conduct::Steals,
];

struct Peer {
    address: IpAddr,
    conduct: Conduct,
    visit: VisitId,
    ticket: Option<Ticket>,
    came: Time,
    /// When it got its slot first.
    served: Option<Time>,
    /// Since when it has one now.
    serving: Option<Time>,
    /// Who was there before it.
    ahead: usize,
}

struct World {
    counter: Counter,
    peers: Vec<Peer>,
    now: Time,
    /// Who does something when.
    due: BTreeSet<(Time, usize)>,
    visits: BTreeMap<VisitId, usize>,
    last: u64,
    /// The most slots of one host at a time.
    most_of_one: usize,
}

fn stranger(number: usize) -> IpAddr {
    IpAddr::V4(Ipv4Addr::from_bits(0x0505_0101 + u32::try_from(number).unwrap() * 0x100))
}

fn neighbour(number: usize) -> IpAddr {
    IpAddr::V4(Ipv4Addr::from_bits(0xc633_0000 + u32::try_from(number).unwrap()))
}

impl World {
    fn new() -> Self {
        let counter = Counter::new(TERMS, ChaCha8Rng::seed_from_u64(22));
        let (peers, due, visits) = Default::default();
        let now = Time::from_millis(1);
        Self { counter, peers, now, due, visits, last: 0, most_of_one: 0 }
    }

    fn add(&mut self, address: IpAddr, conduct: Conduct, at: Time) {
        self.due.insert((at, self.peers.len()));
        self.peers.push(Peer {
            address,
            conduct,
            visit: VisitId(0),
            ticket: None,
            came: at,
            served: None,
            serving: None,
            ahead: 0,
        });
    }

    /// Lets time pass until all who are honest have been served.
    fn run(&mut self) {
        let limit = self.now.after_ms(10 * 24 * 3_600_000);
        while self.peers.iter().any(|peer| peer.conduct == Conduct::Honest && peer.served.is_none())
        {
            let (due, who) = *self.due.first().expect("somebody wants something");
            let timeout = self.counter.next_timeout().filter(|timeout| *timeout < due);
            self.now = self.now.max(timeout.unwrap_or(due));
            assert!(self.now < limit, "somebody is never served");
            if timeout.is_some() {
                self.counter.handle_timeout(self.now);
                self.follow();
                continue;
            }
            self.due.remove(&(due, who));
            self.act(who);
            self.follow();
            self.look();
        }
    }

    fn look(&mut self) {
        let mut of_host: BTreeMap<IpAddr, usize> = BTreeMap::new();
        for peer in self.peers.iter().filter(|peer| self.counter.serves(peer.visit)) {
            *of_host.entry(peer.address).or_default() += 1;
        }
        let most = of_host.values().max().copied().unwrap_or(0);
        self.most_of_one = self.most_of_one.max(most);
        assert!(self.counter.serving() <= SLOTS && self.counter.waiting() <= TERMS.queue_len);
    }

    fn follow(&mut self) {
        while let Some(output) = self.counter.poll() {
            if let CounterOutput::TakeBack { visit, .. } = output
                && let Some(who) = self.visits.get(&visit).copied()
            {
                self.end(who);
                self.again(who, 1_000);
            }
        }
    }

    fn again(&mut self, who: usize, wait_ms: u64) {
        self.due.insert((self.now.after_ms(wait_ms), who));
    }

    /// Its connection ends.
    fn end(&mut self, who: usize) {
        let peer = &mut self.peers[who];
        self.counter.gone(peer.visit, self.now);
        self.visits.remove(&peer.visit);
        peer.visit = VisitId(0);
        peer.serving = None;
    }

    fn act(&mut self, who: usize) {
        let Some(since) = self.peers[who].serving else { return self.ask(who) };
        let (visit, conduct) = (self.peers[who].visit, self.peers[who].conduct);
        match conduct {
            Conduct::Honest => {
                self.end(who);
            }
            Conduct::Stalls | Conduct::Vanishes => {}
            Conduct::Drips => {
                self.counter.sent(visit, 1_100);
                self.again(who, 1_000);
            }
            Conduct::Returns | Conduct::Pesters | Conduct::Steals | Conduct::Crowds => {
                self.counter.sent(visit, 1_000_000);
                if self.now >= since.after_ms(UPLOAD_TURN_MS) {
                    // The next range of the same file.
                    self.counter.finished(visit, self.now);
                    self.peers[who].serving = None;
                    return self.ask(who);
                }
                self.again(who, 1_000);
            }
        }
    }

    fn ask(&mut self, who: usize) {
        let now = self.now;
        if self.peers[who].visit == VisitId(0) {
            self.last += 1;
            self.peers[who].visit = VisitId(self.last);
            self.visits.insert(VisitId(self.last), who);
        }
        if self.peers[who].conduct == Conduct::Steals {
            self.steal(who);
        }
        if self.peers[who].conduct == Conduct::Crowds {
            self.crowd(who);
        }
        let peer = &self.peers[who];
        if peer.ticket.is_none() && peer.conduct == Conduct::Honest {
            let ahead = self.counter.waiting() + self.counter.serving();
            self.peers[who].ahead = ahead;
        }
        let peer = &self.peers[who];
        let manner = Manner::Numbered { id: peer.ticket, calls_at: None };
        let ask = Ask { visit: peer.visit, address: peer.address, file: FileId(1), manner };
        let verdict = self.counter.ask(&ask, now);
        let peer = &mut self.peers[who];
        match verdict {
            Verdict::Serve => {
                peer.ticket = None;
                peer.served = peer.served.or(Some(now));
                peer.serving = Some(now);
                self.counter.sent(peer.visit, 256 * 1024);
                let wait_ms = if peer.conduct == Conduct::Honest { 20_000 } else { 1_000 };
                self.again(who, wait_ms);
            }
            Verdict::Wait(waiting) => {
                peer.ticket = Some(waiting.id);
                let wait_s = match peer.conduct {
                    Conduct::Pesters => 30,
                    Conduct::Vanishes => 1_000,
                    _ => u64::from(waiting.poll_min_s),
                };
                self.again(who, wait_s * 1_000);
            }
            Verdict::Refuse(refusal) => {
                self.end(who);
                self.again(who, u64::from(refusal.retry_after_s()) * 1_000);
            }
        }
    }

    /// Two more connections, each with somebody else's number.
    fn steal(&mut self, who: usize) {
        let victims = self.peers.iter().filter(|peer| peer.conduct == Conduct::Honest);
        let tickets: Vec<_> = victims.filter_map(|peer| peer.ticket).take(2).collect();
        for ticket in tickets {
            self.last += 1;
            let visit = VisitId(self.last);
            let manner = Manner::Numbered { id: Some(ticket), calls_at: None };
            let address = self.peers[who].address;
            let ask = Ask { visit, address, file: FileId(2), manner };
            self.counter.ask(&ask, self.now);
            self.counter.gone(visit, self.now);
        }
    }

    /// A place for each of as many files as it may want.
    fn crowd(&mut self, who: usize) {
        for file in 2..=1 + UPLOAD_QUEUED_PER_HOST {
            self.last += 1;
            let (visit, file) = (VisitId(self.last), FileId(u32::try_from(file).unwrap()));
            let manner = Manner::Numbered { id: None, calls_at: None };
            let ask = Ask { visit, address: self.peers[who].address, file, manner };
            self.counter.ask(&ask, self.now);
            self.counter.gone(visit, self.now);
        }
    }

    /// For each honest host: how long it waited, and how many were ahead of it.
    fn waits(&self) -> Vec<(u64, usize)> {
        let honest = self.peers.iter().filter(|peer| peer.conduct == Conduct::Honest);
        let waits = honest.map(|peer| {
            let wait = peer.served.unwrap().since(peer.came);
            (u64::try_from(wait.as_millis()).unwrap(), peer.ahead)
        });
        waits.collect()
    }
}

/// A22, UPLOAD-07, UPLOAD-10, UPLOAD-11: nobody waits for longer than its fair share and a fifth: as if all those
/// before it had taken one turn each, and shared the slots without a gap.
#[test]
fn five_hundred_hogs_of_as_many_networks_cost_an_honest_host_no_more_than_its_turn() {
    for kind in 0..=HOGS_CONDUCT.len() {
        let mut world = World::new();
        for hog in 0..HOGS {
            // Each kind alone, and then all of them.
            let conduct =
                HOGS_CONDUCT.get(kind).copied().unwrap_or(HOGS_CONDUCT[hog % HOGS_CONDUCT.len()]);
            world.add(stranger(hog), conduct, Time::from_millis(1 + hog as u64));
        }
        for honest in 0..20_usize {
            let at = Time::from_millis(60_000 + 97_000 * honest as u64);
            world.add(stranger(1_000 + honest), Conduct::Honest, at);
        }
        world.run();
        assert_eq!(world.most_of_one, 1, "slots of one host");
        let mut worst = 0.0_f64;
        for (wait_ms, ahead) in world.waits() {
            let turns = (ahead + 1).div_ceil(SLOTS) as u64;
            let share_ms = (turns * UPLOAD_TURN_MS) as f64;
            worst = worst.max(wait_ms as f64 / share_ms);
            assert!(wait_ms as f64 <= 1.2 * share_ms, "{kind}: {wait_ms} ms behind {ahead}");
        }
        let name = HOGS_CONDUCT.get(kind).map_or("all".to_owned(), |one| format!("{one:?}"));
        println!("500 hogs, {name}: the worst honest wait is {worst:.3} of its fair share");
    }
}

/// UPLOAD-07: where they share networks, they share turns.
#[test]
fn five_hundred_hogs_of_two_networks_are_two_among_others() {
    let mut world = World::new();
    for hog in 0..HOGS {
        let conduct = HOGS_CONDUCT[hog % HOGS_CONDUCT.len()];
        world.add(neighbour(hog), conduct, Time::from_millis(1 + hog as u64));
    }
    for honest in 0..5_usize {
        let at = Time::from_millis(600_000 + 30_000 * honest as u64);
        world.add(stranger(honest), Conduct::Honest, at);
    }
    world.run();
    for (wait_ms, ahead) in world.waits() {
        assert!(ahead > 100, "{ahead}");
        // Two networks and four others before it, one turn each, and whoever has a slot when it comes.
        let turns = 1 + 6_usize.div_ceil(SLOTS) as u64;
        assert!(wait_ms as f64 <= 1.2 * (turns * UPLOAD_TURN_MS) as f64, "{wait_ms} ms");
    }
}

/// UPLOAD-01, UPLOAD-07: all the places that a host may have are those of one network among others.
#[test]
fn hosts_that_take_all_their_places_have_one_turn_like_others() {
    const CROWDS: usize = 30;
    let mut world = World::new();
    for hog in 0..CROWDS {
        world.add(stranger(hog), Conduct::Crowds, Time::from_millis(1 + hog as u64));
    }
    for honest in 0..3_usize {
        let at = Time::from_millis(60_000 + 97_000 * honest as u64);
        world.add(stranger(1_000 + honest), Conduct::Honest, at);
    }
    world.run();
    assert_eq!(world.most_of_one, 1, "slots of one host");
    for (wait_ms, ahead) in world.waits() {
        assert!(ahead > 3 * CROWDS, "{ahead}");
        let turns = (CROWDS + 3).div_ceil(SLOTS) as u64;
        let share = wait_ms as f64 / (turns * UPLOAD_TURN_MS) as f64;
        assert!(share <= 1.2, "{share}");
    }
}

/// UPLOAD-10: a slot is not lost to whoever takes nothing.
#[test]
fn a_slot_comes_back_from_a_window_of_no_bytes_within_two_looks() {
    let mut world = World::new();
    for hog in 0..SLOTS {
        world.add(stranger(hog), Conduct::Stalls, Time::from_millis(1 + hog as u64));
    }
    world.add(stranger(100), Conduct::Honest, Time::from_millis(10));
    world.run();
    let (wait_ms, ahead) = world.waits()[0];
    assert_eq!(ahead, SLOTS);
    assert!(wait_ms <= 2 * UPLOAD_WINDOW_MS + 16_000, "{wait_ms}");
}

/// Same seed, same numbers.
#[test]
fn the_same_asks_get_the_same_answers() {
    let run = || {
        let mut counter = Counter::new(TERMS, ChaCha8Rng::seed_from_u64(3));
        let mut verdicts = Vec::new();
        for number in 0..200_u64 {
            let address = SocketAddr::new(stranger(usize::try_from(number % 37).unwrap()), 1).ip();
            let manner = Manner::Numbered { id: None, calls_at: None };
            let ask = Ask { visit: VisitId(number), address, file: FileId(1), manner };
            verdicts.push(counter.ask(&ask, Time::from_millis(number * 700)));
        }
        verdicts
    };
    assert_eq!(run(), run());
}
