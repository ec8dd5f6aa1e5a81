use filbert::base::time::Time;
use rand::RngExt;

use super::net::{Net, Seen, own};

fn calm(seed: u64, count: usize, degree: usize) -> Net {
    let mut net = Net::ring(seed, count, degree);
    net.run_until(Time::from_millis(100_000));
    assert_eq!(net.wrong(), 0);
    net.seen = Seen::default();
    net
}

#[test]
fn one_change() {
    for (count, degree) in [(200, 10), (200, 40)] {
        let mut net = calm(1, count, degree);
        let mut changed = own();
        changed.children = 10;
        net.node(7).room.set_own(changed);
        net.settle(7, &[]);
        net.run_ms(120_000);
        let links: usize = (0..count).map(|id| net.neighbours(id).len()).sum();
        println!("CHANGE {count} {degree} ends {links}: {:?} wrong {}", net.seen, net.wrong());
    }
}

#[test]
fn a_death() {
    for (count, degree) in [(200, 10), (200, 40)] {
        let mut net = calm(2, count, degree);
        net.kill(7);
        let mut at = Vec::new();
        for second in 1..40 {
            net.run_ms(1_000);
            at.push((second, net.believers(7)));
        }
        let w40 = net.wrong();
        net.run_ms(60_000);
        let links: usize = net.alive().map(|id| net.neighbours(id).len()).sum();
        println!(
            "DEATH {count} {degree} ends {links}: {at:?} {:?} wrong {w40} {}",
            net.seen,
            net.wrong()
        );
    }
}

#[test]
fn a_birth() {
    for (count, degree) in [(200, 10), (200, 40)] {
        let mut net = calm(3, count, degree);
        let new = net.add();
        net.fill(new, degree);
        let mut at = Vec::new();
        for second in 1..60 {
            net.run_ms(1_000);
            at.push((second, net.believers(new)));
        }
        let links: usize = net.alive().map(|id| net.neighbours(id).len()).sum();
        println!(
            "BIRTH {count} {degree} ends {links}: {at:?} {:?} wrong {}",
            net.seen,
            net.wrong()
        );
    }
}

#[test]
fn cuts() {
    let mut net = calm(4, 200, 10);
    for id in 0..10 {
        let other = net.neighbours(id)[3];
        net.cut(id, other);
    }
    let mut at = Vec::new();
    for second in 1..60 {
        net.run_ms(1_000);
        at.push((second, net.wrong()));
    }
    println!("CUTS {at:?} {:?}", net.seen);
}

#[test]
fn churn() {
    let mut net = calm(5, 200, 10);
    let (mut sent, start) = (0_u32, std::time::Instant::now());
    let (mut lost_alive, mut id) = (0, 0);
    let mut dead = Vec::new();
    for step in 0..1_800_u64 {
        net.run_ms(1_000);
        if step % 20 == 0 {
            let alive: Vec<_> = net.alive().collect();
            let victim = alive[net.random.random_range(0..alive.len())];
            net.kill(victim);
            dead.push(victim);
            let new = net.add();
            net.fill(new, 10);
        }
        if step % 20 == 10 {
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
    lost_alive += sent as usize - net.seen.pushes.len();
    let mut seen = net.seen.clone();
    seen.pushes.clear();
    let ghosts: usize = dead.iter().map(|it| net.believers(*it)).sum();
    println!(
        "CHURN sent {sent} lost {lost_alive} ghosts {ghosts} {seen:?} {:?} wrong {}",
        start.elapsed(),
        net.wrong()
    );
    net.run_ms(60_000);
    let ghosts: usize = dead.iter().map(|it| net.believers(*it)).sum();
    println!("ghosts {ghosts} wrong {}", net.wrong());
}
