use super::net::{Net, Seen};
use filbert::base::time::Time;
use filbert::fasttrack::wire::{Message, TableRecord};
use rand::RngExt;

fn near_all(message: &Message) -> Option<Message> {
    match message {
        Message::Table(table) => {
            let lie = |it: TableRecord| TableRecord { distance: it.distance.min(1), ..it };
            Some(Message::Table(table.records().map(lie).collect()))
        }
        Message::Unicast(unicast) if unicast.hops > 1 => None,
        other => Some(other.clone()),
    }
}

fn reach(net: &mut Net, honest: usize) -> f64 {
    net.seen.pushes.clear();
    let mut sent = 0;
    for id in 0..4_000u32 {
        let from = net.random.random_range(0..honest);
        let to = net.random.random_range(0..honest);
        if from != to {
            net.ping(from, to, id);
            sent += 1;
        }
    }
    net.run_ms(3_000);
    net.seen.pushes.len() as f64 / sent as f64
}

#[test]
fn black_hole() {
    for crooks in [1, 4, 20] {
        let mut net = Net::ring(5, 200, 8);
        net.run_ms(60_000);
        let before = reach(&mut net, 200);
        for _ in 0..crooks {
            let crook = net.add();
            net.crooks.insert(crook, near_all);
            net.fill(crook, 16);
        }
        net.run_ms(60_000);
        let after = reach(&mut net, 200);
        let mut steps = Vec::new();
        for step in 0..10 {
            for id in 0..200 {
                net.search(id, "nothing", 10);
            }
            net.run_ms(60_000);
            if step % 3 == 0 {
                steps.push((reach(&mut net, 200), net.seen.doubted));
            }
        }
        net.seen.pushes.clear();
        println!(
            "HOLE {crooks} before {before} after {after} {steps:?} loops {} searches {} unicasts {}",
            net.seen.loops, net.seen.searches, net.seen.unicasts
        );
    }
    let _ = (Time::ZERO, Seen::default());
}
