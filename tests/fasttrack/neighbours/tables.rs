//! Tables: what comes into them, how far, how soon, and at what cost.

use filbert::base::time::Time;

use super::net::Net;

#[test]
fn tables_converge_to_the_shortest_ways() {
    for (seed, count, degree) in [(1, 200, 10), (2, 200, 40), (3, 300, 16)] {
        let start = std::time::Instant::now();
        let mut net = Net::ring(seed, count, degree);
        let mut at = Vec::new();
        for second in 1..=120 {
            net.run_until(Time::from_millis(second * 1_000));
            if second % 5 == 0 {
                at.push((second, net.wrong()));
            }
        }
        println!("{count} {degree}: wrong {at:?} {:?} {:?}", net.seen, start.elapsed());
        println!("degree {}", (0..count).map(|id| net.neighbours(id).len()).sum::<usize>() / count);
    }
}
