//! Which of those that have room is taken, and how soon one that has some.

use super::lab::{Host, Lab, Tcp, Udp, supernode};

fn called(lab: &Lab, number: u16) -> Vec<u64> {
    let calls = lab.called().into_iter().filter(|(_, called)| *called == supernode(number));
    calls.map(|(at, _)| at).collect()
}

/// FTNODE-01
#[test]
fn of_those_that_are_about_as_near_the_one_with_the_least_load_is_taken() {
    for (last_ms, first) in [(140, 3), (141, 2)] {
        let host = |(number, (rtt_ms, load))| {
            (supernode(number), Host::new(Udp::Loaded(load), Tcp::Mute, rtt_ms))
        };
        let hosts = [(40, 60), (100, 30), (last_ms, 20), (300, 0)];
        let mut lab = Lab::new((1..).zip(hosts).map(host));
        lab.start();
        lab.run_ms(139);
        assert_eq!(lab.called(), [], "another one may be as good");
        lab.run_ms(1);
        assert_eq!(lab.called(), [(140, supernode(first))]);
        lab.run_ms(9_000);
        let order: Vec<_> = lab.called().into_iter().map(|(_, called)| called).collect();
        let near = [3, 2, 1, 4].map(supernode);
        assert!(order.starts_with(if first == 3 { &near } else { &near[1..3] }), "{order:?}");
    }
}

/// FTNODE-01: those that have answered need not wait until all have.
#[test]
fn half_a_second_after_an_answer_the_next_are_asked() {
    let host = |number: u16| match number {
        0 => Host::new(Udp::Full, Tcp::Declines, 100),
        _ => Host::dead(),
    };
    let mut lab = Lab::new((0..5).map(|number| (supernode(number), host(number))));
    lab.start();
    lab.cache = vec![supernode(9)];
    lab.hosts.insert(supernode(9), Host::good(10));
    lab.node.give_hosts(&lab.cache, lab.now);
    lab.run_ms(599);
    assert_eq!(lab.asked().len(), 5);
    lab.run_ms(1);
    assert_eq!(lab.asked().len(), 6);
}

/// FTNODE-15: neither the calls of those that do not answer nor earlier failures keep it from one that has room again.
#[test]
fn one_that_was_full_is_asked_again_soon() {
    let mut hosts: Vec<_> = (1..30).map(|number| (supernode(number), Host::dead())).collect();
    hosts.push((supernode(0), Host::new(Udp::Full, Tcp::Declines, 50)));
    let mut lab = Lab::new(hosts);
    lab.start();
    lab.run_ms(300_000);
    let asked = lab.asked().into_iter().filter(|(_, asked)| *asked == supernode(0));
    let times: Vec<_> = asked.map(|(at, _)| at).collect();
    // Six times five are asked, of which one is there, first or last of all.
    let round_ms = 8_000 + 6 * 2_000;
    let longest = times.windows(2).map(|two| two[1] - two[0]).max().unwrap();
    assert!((8_000..=round_ms + 6 * 2_000).contains(&longest), "{times:?}");
    lab.hosts.insert(supernode(0), Host::good(50));
    assert!(lab.run_to_supernode() <= round_ms + 6 * 2_000);
}

/// FTNODE-24
#[test]
fn one_that_says_that_it_has_room_and_declines_is_not_called_all_the_time() {
    let mut lab = Lab::new([(supernode(1), Host::new(Udp::Room, Tcp::Declines, 50))]);
    lab.start();
    lab.run_ms(600_000);
    let times = called(&lab, 1);
    let waits: Vec<_> = times.windows(2).map(|two| two[1] - two[0]).collect();
    assert!(waits.len() > 8 && waits.iter().all(|wait| *wait >= 20_000), "{times:?}");
    assert!(waits.windows(2).all(|two| two[0] + two[1] >= 80_000), "{waits:?}");
}
