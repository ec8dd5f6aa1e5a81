//! The router beside its reference model, through random events: each answer must be the same.

use filbert::base::error::Misbehaved;
use filbert::base::slots::{Slot, Slots};
use filbert::base::time::Time;
use filbert::gnutella::router::{
    Answer, Dropped, Onward, PushRoute, Quotas, Router, TtlRules, Verdict,
};
use filbert::gnutella::wire::{Function, Guid, Header};
use proptest::prelude::*;

use crate::reference::{Flooded, Home, Model, Outcome};

/// Small enough that a few events reach them.
const QUOTAS: Quotas = Quotas {
    own: 2,
    ultrapeer: 4,
    leaf: 2,
    orphaned: 5,
    servents_of_ultrapeer: 3,
    servents_of_leaf: 1,
    forwarded_burst: u32::MAX,
};

/// Places for neighbours: more than may speak for one servent.
const NEIGHBOURS: usize = 12;

#[derive(Clone, Debug)]
enum Event {
    /// Takes one of the places, and closes whoever has it.
    Open {
        place: usize,
        is_leaf: bool,
        dynamic_querying: bool,
    },
    Close {
        place: usize,
    },
    Originate {
        function: Function,
        guid: u8,
    },
    Broadcast {
        message: Message,
        place: usize,
    },
    Answer {
        message: Message,
        place: usize,
    },
    Learn {
        servent: u8,
        place: usize,
    },
    Push {
        message: Message,
        servent: u8,
        place: usize,
    },
    Wait {
        millis: u64,
    },
}

#[derive(Clone, Copy, Debug)]
struct Message {
    function: Function,
    guid: u8,
    ttl: u8,
    hops: u8,
}

/// Both, and the moment.
struct Both {
    router: Router,
    model: Model,
    quotas: Quotas,
    slots: Slots<()>,
    /// Whoever has a place, or had it last.
    places: [Option<Slot>; NEIGHBOURS],
    now: Time,
}

impl Both {
    fn new(rules: TtlRules, quotas: Quotas, seed: u64) -> Self {
        let router = Router::with_quotas(rules, quotas, seed);
        let model = Model::new(rules, quotas);
        let (slots, places, now) = (Slots::new(), [None; NEIGHBOURS], Time::from_millis(500));
        Self { router, model, quotas, slots, places, now }
    }

    fn step(&mut self, event: &Event) {
        let now = self.now;
        match *event {
            Event::Open { place, is_leaf, dynamic_querying } => {
                self.open(place, is_leaf, dynamic_querying);
            }
            Event::Close { place } => self.close(place),
            Event::Originate { function, guid } => {
                self.router.originate(function, guid_of(guid), now);
                self.model.originate(function, guid_of(guid), now);
            }
            Event::Broadcast { message, place } => {
                let (Some(from), header) = (self.places[place], header_of(message)) else { return };
                let verdict = flooded(self.router.broadcast(&header, from, now));
                assert_eq!(verdict, self.model.broadcast(&header, from, now));
            }
            Event::Answer { message, place } => {
                let (Some(from), header) = (self.places[place], header_of(message)) else { return };
                let answer = home(self.router.answer(&header, from, now));
                assert_eq!(answer, self.model.answer(&header, from, now));
            }
            Event::Learn { servent, place } => {
                let Some(from) = self.places[place] else { return };
                self.router.learn_servent(guid_of(servent), from, now);
                self.model.learn_servent(guid_of(servent), from, now);
            }
            Event::Push { message, servent, place } => {
                let (Some(from), header) = (self.places[place], header_of(message)) else { return };
                let route = pushed(self.router.push(&header, guid_of(servent), from, now));
                assert_eq!(route, self.model.push(&header, guid_of(servent), from, now));
            }
            Event::Wait { millis } => self.wait(millis),
        }
        self.check();
    }

    fn open(&mut self, place: usize, is_leaf: bool, dynamic_querying: bool) {
        let before = self.places[place].filter(|slot| self.slots.contains(*slot));
        if let Some(before) = before {
            self.slots.remove(before);
        }
        let slot = self.slots.insert(());
        // A place that is taken over is closed by the router itself; another one has to be.
        if let Some(before) = before.filter(|before| before.index() != slot.index()) {
            self.router.close(before, self.now);
            self.model.close(before, self.now);
        }
        self.places[place] = Some(slot);
        self.router.open(slot, is_leaf, dynamic_querying, self.now);
        self.model.open(slot, is_leaf, dynamic_querying, self.now);
    }

    fn close(&mut self, place: usize) {
        let Some(slot) = self.places[place] else { return };
        self.slots.remove(slot);
        self.router.close(slot, self.now);
        self.model.close(slot, self.now);
    }

    fn wait(&mut self, millis: u64) {
        self.now = self.now.after_ms(millis);
        let Some(_) = self.router.next_timeout().filter(|due| *due <= self.now) else { return };
        self.router.timeout(self.now);
        assert_eq!(self.router.messages_len(), self.model.messages_len(self.now));
        assert_eq!(self.router.servents_len(), self.model.servents_len(self.now));
        let knows_something = self.router.messages_len() + self.router.servents_len() > 0;
        assert_eq!(self.router.next_timeout().is_some(), knows_something);
    }

    fn check(&self) {
        let open = u32::try_from(self.slots.len()).unwrap();
        let Quotas { own, ultrapeer, leaf, orphaned, .. } = self.quotas;
        let messages_max = own + orphaned + open * ultrapeer.max(leaf);
        assert!(self.router.messages_len() <= messages_max as usize);
        let servents_max = open * self.quotas.servents_of_ultrapeer;
        assert!(self.router.servents_len() <= servents_max as usize);
        assert!(self.router.messages_len() >= self.model.messages_len(self.now));
    }
}

fn guid_of(number: u8) -> Guid {
    // All zeros among them. The second half is the same in all.
    Guid([number, 0, number, 0, 0, 0, 0, number, 0, 0, 0, 0, 0, 0, 0, 0])
}

fn header_of(Message { function, guid, ttl, hops }: Message) -> Header {
    Header { guid: guid_of(guid), function, ttl, hops, payload_len: 44, size_flags: None }
}

fn refused<T>(why: Dropped, fault: Option<Misbehaved>) -> Outcome<T> {
    Err((why, fault.map(|fault| fault.rule.id())))
}

fn flooded(verdict: Verdict) -> Outcome<Flooded> {
    match verdict {
        Verdict::New { onward } => Ok(Flooded::New(onward)),
        Verdict::Again { onward } => Ok(Flooded::Again(onward)),
        Verdict::Drop { why, fault } => refused(why, fault),
    }
}

fn home(answer: Answer) -> Outcome<Home> {
    match answer {
        Answer::Own => Ok(Home::Own),
        Answer::To { slot, onward } => Ok(Home::To(slot, onward)),
        Answer::Drop { why, fault } => refused(why, fault),
    }
}

fn pushed(route: PushRoute) -> Outcome<(Vec<Slot>, Onward)> {
    match route {
        PushRoute::To { ways, onward } => Ok((ways.iter().collect(), onward)),
        PushRoute::Drop { why, fault } => refused(why, fault),
        PushRoute::Here => panic!("a push for somebody else is taken for one for us"),
    }
}

fn any_event() -> impl Strategy<Value = Event> {
    let place = 0..NEIGHBOURS;
    let guid = 0..10_u8;
    let function = prop_oneof![4 => Just(Function::QUERY), 1 => Just(Function::PING)];
    let answering = prop_oneof![
        8 => Just(Function::QUERY_HIT),
        2 => Just(Function::PONG),
        1 => Just(Function::QUERY),
    ];
    let wait = prop_oneof![
        4 => Just(0),
        4 => 1..2_000_u64,
        2 => 50_000..100_000_u64,
        1 => 590_000..610_000_u64,
    ];
    prop_oneof![
        3 => (place.clone(), any::<bool>(), any::<bool>()).prop_map(
            |(place, is_leaf, dynamic_querying)| Event::Open { place, is_leaf, dynamic_querying }
        ),
        2 => place.clone().prop_map(|place| Event::Close { place }),
        1 => (function.clone(), guid.clone())
            .prop_map(|(function, guid)| Event::Originate { function, guid }),
        16 => (any_message(function, guid.clone()), place.clone())
            .prop_map(|(message, place)| Event::Broadcast { message, place }),
        8 => (any_message(answering, guid.clone()), place.clone())
            .prop_map(|(message, place)| Event::Answer { message, place }),
        8 => (0..4_u8, place.clone()).prop_map(|(servent, place)| Event::Learn { servent, place }),
        8 => (any_message(Just(Function::PUSH), guid), 0..4_u8, place).prop_map(
            |(message, servent, place)| Event::Push { message, servent, place }
        ),
        3 => wait.prop_map(|millis| Event::Wait { millis }),
    ]
}

fn any_message(
    function: impl Strategy<Value = Function>,
    guid: impl Strategy<Value = u8>,
) -> impl Strategy<Value = Message> {
    let ttl = prop_oneof![8 => 0..5_u8, 2 => 5..20_u8, 1 => Just(255)];
    let hops = prop_oneof![8 => Just(0), 4 => 0..5_u8, 1 => 5..20_u8, 1 => 254..=255_u8];
    (function, guid, ttl, hops).prop_map(|(function, guid, ttl, hops)| Message {
        function,
        guid,
        ttl,
        hops,
    })
}

fn any_rules() -> impl Strategy<Value = TtlRules> {
    let short = TtlRules { max_ttl: 5, own_ttl: 3, ..TtlRules::default() };
    prop_oneof![Just(TtlRules::default()), Just(TtlRules::FLOOD), Just(short)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// TTL-02, TTL-05, TTL-06, TTL-08, TTL-10, TTL-11, TTL-12, TTL-13, TTL-14, TTL-16, TTL-17, TTL-18,
    /// TTL-20, PUSH-09, PUSH-10
    #[test]
    fn the_router_does_what_the_model_says(
        rules in any_rules(),
        seed in any::<u64>(),
        events in proptest::collection::vec(any_event(), 1..400),
    ) {
        let mut both = Both::new(rules, QUOTAS, seed);
        events.iter().for_each(|event| both.step(event));
    }
}
