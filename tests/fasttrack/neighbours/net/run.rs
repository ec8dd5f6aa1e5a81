use std::cmp::Reverse;

use filbert::base::slots::Slot;
use filbert::base::time::Time;
use filbert::fasttrack::neighbours::Output;
use filbert::fasttrack::wire::{Kind, Message, Side};
use rand::RngExt;

use super::{Event, Id, Link, Net, found};

impl Net {
    pub fn run_until(&mut self, end: Time) {
        while let Some(Reverse((at, key))) = self.queue.peek().copied()
            && at <= end
        {
            self.queue.pop();
            self.now = self.now.max(at);
            let event = self.events.remove(&key).unwrap();
            self.handle(event);
        }
        self.now = end;
    }

    pub fn run_ms(&mut self, ms: u64) {
        self.run_until(self.now.after_ms(ms));
    }

    fn handle(&mut self, event: Event) {
        let now = self.now;
        match event {
            Event::Timer { node: id } => {
                if let Some(node) = &mut self.nodes[id]
                    && node.timer <= now
                {
                    node.timer = Time::NEVER;
                    node.room.timeout(now);
                    self.settle(id, &[]);
                }
            }
            Event::Close { link, end } => self.close(link, end),
            Event::Deliver { link, end, frame, mut trace } => {
                let (id, slot) = self.links[link].ends[end];
                if let Some(node) = &mut self.nodes[id]
                    && node.slots.get(slot) == Some(&link)
                {
                    let message = Message::parse(&frame, Side::Across).unwrap();
                    if trace.contains(&id) {
                        self.seen.loops += 1;
                    }
                    trace.push(id);
                    node.room.receive(slot, &message, now);
                    self.settle(id, &trace);
                }
            }
        }
    }

    /// Does what a supernode wants, until it wants nothing.
    pub fn settle(&mut self, id: Id, trace: &[Id]) {
        while let Some(output) = self.nodes[id].as_mut().and_then(|node| node.room.poll()) {
            self.output(id, output, trace);
        }
        let Some(node) = &mut self.nodes[id] else { return };
        let due = node.room.next_timeout();
        if due < node.timer {
            node.timer = due;
            self.push(due.max(self.now), Event::Timer { node: id });
        }
    }

    fn output(&mut self, id: Id, output: Output, trace: &[Id]) {
        match output {
            Output::Send { to, message } => self.send(id, to, &message, trace),
            Output::Decline { slot, why } => {
                self.seen.declined.push(why);
                let nodes = self.node(id).room.nodes(200);
                let list = Message::NodeList(nodes.into_iter().collect());
                self.send(id, slot, &list, &[]);
                self.hang_up(id, slot);
            }
            Output::Close { slot, why } => {
                self.seen.closed.push(why);
                self.hang_up(id, slot);
            }
            Output::Asked { reply, max, terms, .. } => {
                let node = self.node(id);
                if node.is_mute {
                    return;
                }
                let word = String::from_utf8(terms[0].bytes.to_vec()).unwrap();
                let count = node.files.get(&word).copied().unwrap_or(0).min(max);
                let found = (0..count).map(|number| found(id, number)).collect::<Vec<_>>();
                node.room.answer(reply, found);
            }
            Output::Found { key, results } => {
                let search = self.searches.get_mut(&key).unwrap();
                assert!(search.ended.is_none(), "results behind the end");
                search.results += results.results.len();
                search.from.insert(results.supernode);
            }
            Output::Ended { key, why } => {
                let search = self.searches.get_mut(&key).unwrap();
                assert!(search.ended.replace((self.now, why)).is_none(), "it ends twice");
            }
            Output::Push(push) => self.seen.pushes.push((id, push)),
            Output::Fault { fault, .. } => self.seen.faults.push((id, fault.to_string())),
            Output::Doubted { .. } => self.seen.doubted += 1,
            Output::Joined { .. } | Output::Learnt { .. } => {}
        }
    }

    fn hang_up(&mut self, id: Id, slot: Slot) {
        if let Some(&link) = self.node(id).slots.get(slot) {
            let end = usize::from(self.links[link].ends[1] == (id, slot));
            self.close(link, end);
        }
    }

    fn send(&mut self, id: Id, to: Slot, message: &Message, trace: &[Id]) {
        let altered = self.crooks.get(&id).map_or_else(|| Some(message.clone()), |it| it(message));
        let Some(message) = &altered else { return };
        let Some(&link) = self.node(id).slots.get(to) else { return };
        let end = usize::from(self.links[link].ends[0] == (id, to));
        let frame = message.to_frame();
        self.seen.bytes += frame.payload.len() as u64 + 5;
        let mut way = Vec::new();
        match message {
            Message::Table(table) => {
                self.seen.tables += 1;
                self.seen.records += table.records().count() as u64 - 1;
            }
            Message::Unicast(unicast) => {
                self.seen.unicasts += 1;
                let is_search = unicast.kind == Kind::FORWARDED_SEARCH && unicast.hops == 1;
                self.seen.searches += u64::from(is_search);
                self.seen.hops_max = self.seen.hops_max.max(unicast.hops);
                way = if unicast.hops == 1 { vec![id] } else { trace.to_vec() };
            }
            _ => {}
        }
        self.push_on(link, end, Event::Deliver { link, end, frame, trace: way });
    }

    pub(super) fn push_on(&mut self, link: usize, end: usize, event: Event) {
        let jitter_ms = self.random.random_range(0..20);
        let Link { latency_ms, last, .. } = &mut self.links[link];
        let at = self.now.after_ms(*latency_ms + jitter_ms).max(last[end]);
        last[end] = at;
        self.push(at, event);
    }

    fn push(&mut self, at: Time, event: Event) {
        let number = self.next_event;
        self.next_event += 1;
        self.events.insert(number, event);
        self.queue.push(Reverse((at, number)));
    }
}
