use super::net::{Net, Seen};
use filbert::base::time::Time;
use rand::RngExt;

#[test]
fn big() {
    let start = std::time::Instant::now();
    let mut net = Net::ring(9, 1_300, 12);
    for step in 0..20 {
        net.run_ms(10_000);
        let lens: Vec<_> =
            net.alive().map(|id| net.nodes[id].as_ref().unwrap().room.known_len()).collect();
        let rem: Vec<_> =
            net.alive().map(|id| net.nodes[id].as_ref().unwrap().room.remembered_len()).collect();
        println!(
            "BIG {step} {:?} known {:?}..{:?} remembered max {:?} tables {} records {} faults {:?}",
            start.elapsed(),
            lens.iter().min(),
            lens.iter().max(),
            rem.iter().max(),
            net.seen.tables,
            net.seen.records,
            net.seen.faults.len()
        );
    }
    // distances right?
    let mut off = [0usize; 8];
    let mut by = [0usize; 8];
    let mut all = [0usize; 8];
    for id in 0..50 {
        let d = net.distances(id);
        for (o, dd) in &d {
            if *o != id {
                all[(*dd as usize).min(7)] += 1;
            }
        }
        let room = &net.nodes[id].as_ref().unwrap().room;
        for k in room.known() {
            let octets = k.record.address.ip().octets();
            let o = usize::from(u16::from_be_bytes([octets[1], octets[2]]));
            by[k.record.distance as usize] += 1;
            if d[&o] != k.record.distance {
                off[(k.record.distance - d[&o]) as usize] += 1;
            }
        }
    }
    println!("BIG off {off:?} of {by:?} all {all:?}");
    net.seen = Seen::default();
    let mut sent = 0;
    for id in 0..5_000u32 {
        let from = net.random.random_range(0..1_300);
        let known: Vec<_> = net.nodes[from]
            .as_ref()
            .unwrap()
            .room
            .known()
            .map(|k| {
                let o = k.record.address.ip().octets();
                usize::from(u16::from_be_bytes([o[1], o[2]]))
            })
            .collect();
        let to = known[net.random.random_range(0..known.len())];
        net.ping(from, to, id);
        sent += 1;
    }
    net.run_ms(5_000);
    println!(
        "BIG sent {sent} arrived {} hops {} loops {}",
        net.seen.pushes.len(),
        net.seen.hops_max,
        net.seen.loops
    );
    let _ = Time::ZERO;
}

#[test]
fn harsh() {
    for every in [2u64, 5] {
        let mut net = Net::ring(5, 200, 10);
        net.run_ms(60_000);
        net.seen = Seen::default();
        let (mut sent, start) = (0_u32, std::time::Instant::now());
        let mut id = 0;
        let mut dead = Vec::new();
        for step in 0..600_u64 {
            net.run_ms(1_000);
            if step % every == 0 {
                let alive: Vec<_> = net.alive().collect();
                let victim = alive[net.random.random_range(0..alive.len())];
                net.kill(victim);
                dead.push(victim);
                let new = net.add();
                net.fill(new, 10);
                let alive: Vec<_> = net.alive().collect();
                for id in alive {
                    if net.neighbours(id).len() < 8 {
                        net.fill(id, 10);
                    }
                }
            }
            for _ in 0..10 {
                let alive: Vec<_> = net.alive().collect();
                let from = alive[net.random.random_range(0..alive.len())];
                let to = alive[net.random.random_range(0..alive.len())];
                if from != to {
                    net.ping(from, to, id);
                    id += 1;
                    sent += 1;
                }
            }
        }
        net.run_ms(5_000);
        let lost = sent as usize - net.seen.pushes.len();
        let mut seen = net.seen.clone();
        seen.pushes.clear();
        let ghosts: usize = dead.iter().map(|it| net.believers(*it)).sum();
        println!(
            "HARSH {every} sent {sent} lost {lost} ghosts {ghosts} {seen:?} {:?} wrong {}",
            start.elapsed(),
            net.wrong()
        );
        net.run_ms(60_000);
        let ghosts: usize = dead.iter().map(|it| net.believers(*it)).sum();
        println!("HARSH ghosts {ghosts} wrong {}", net.wrong());
    }
}
