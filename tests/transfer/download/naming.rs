//! What a file is called that the user has not named.

use filbert::base::file_name::SafeName;
use filbert::base::time::Time;
use filbert::gnutella::wire::Guid;
use filbert::transfer::download::journal::{self, Intent};
use filbert::transfer::download::{Finding, Input, Origin, PushWay, State};

use super::swarm::{Peer, Swarm, address, file_of, intent_of};

const LEN: usize = 1_000_000;

/// Of a file that the user knows by its content alone, or by this name.
fn swarm(name: Option<&str>) -> Swarm {
    let file = file_of(LEN, 1);
    let intent = intent_of(&file, false);
    let name = name.map_or_else(|| intent.known_by.to_string(), str::to_owned);
    let name = SafeName::from_remote(&name).as_str().to_owned();
    Swarm::new(file, Intent { name, ..intent }, Vec::new(), 1)
}

fn hit(swarm: &mut Swarm, number: usize, name: &str) {
    let finding =
        Finding { name: Some(name.to_owned()), ..Finding::by_urn(address(number), Origin::Hit) };
    swarm.hand_in(Input::Found(finding));
}

fn name_at_the_end(mut swarm: Swarm) -> String {
    swarm.peers.insert(address(50), Peer::default());
    swarm.tell(address(50));
    swarm.finish();
    match swarm.download.state() {
        State::Finished { name } => name.clone(),
        state => panic!("{state:?}"),
    }
}

/// DOWN-40
#[test]
fn most_networks_say_what_it_is_called() {
    let mut swarm = swarm(None);
    let unnamed = swarm.download.name().to_owned();
    hit(&mut swarm, 1, "a.ogg");
    assert_eq!(swarm.download.name(), "a.ogg");
    hit(&mut swarm, 2, "b.ogg");
    assert_eq!(swarm.download.name(), "a.ogg", "as many say so");
    // Many ports of one address are one.
    for port in 1..9 {
        let mut finding = Finding::by_urn(address(3), Origin::Hit);
        finding.address.set_port(port);
        swarm.hand_in(Input::Found(Finding { name: Some("c.ogg".to_owned()), ..finding }));
    }
    hit(&mut swarm, 4, &unnamed);
    hit(&mut swarm, 5, &unnamed);
    assert_eq!(swarm.download.name(), "a.ogg");
    // Known already, as somebody who has it; now a hit says how it is called there.
    swarm.tell(address(6));
    hit(&mut swarm, 6, "b.ogg");
    assert_eq!(swarm.download.name(), "b.ogg");
    assert_eq!(name_at_the_end(swarm), "b.ogg");
}

/// DOWN-40: nobody but the user decides where the user has.
#[test]
fn a_name_that_the_user_has_given_stays() {
    let mut swarm = swarm(Some("mine.ogg"));
    hit(&mut swarm, 1, "a.ogg");
    hit(&mut swarm, 2, "a.ogg");
    assert_eq!(name_at_the_end(swarm), "mine.ogg");
}

/// DOWN-40
#[test]
fn a_name_outlasts_a_restart() {
    let mut swarm = swarm(None);
    hit(&mut swarm, 1, "a.ogg");
    for _ in 0..2 {
        swarm.run_until(Time::from_millis(swarm.now.as_micros() / 1_000 + 2_000));
        swarm = swarm.restart();
        assert_eq!(swarm.download.name(), "a.ogg");
    }
    hit(&mut swarm, 2, "b.ogg");
    assert_eq!(swarm.download.name(), "a.ogg");
    assert_eq!(name_at_the_end(swarm), "a.ogg");
}

/// DOWN-40: a hit says any address.
#[test]
fn only_those_of_whom_something_has_come_say_what_it_is_called() {
    let mut swarm = swarm(None);
    for number in 1..7 {
        hit(&mut swarm, number, "free.exe");
    }
    swarm.peers.insert(address(9), Peer::default());
    hit(&mut swarm, 9, "a.ogg");
    assert_eq!(swarm.download.name(), "free.exe", "nobody knows better");
    swarm.finish();
    assert_eq!(swarm.download.name(), "a.ogg");
}

/// DOWN-40: one host may call us again and again, and say that it is somewhere else each time.
#[test]
fn those_that_cannot_be_called_are_one_network() {
    let mut swarm = swarm(None);
    swarm.pushes_fail = None;
    let slow = Peer { rate: 20_000, ..Peer::default() };
    for number in 1..6 {
        swarm.peers.insert(address(number), slow.clone());
        let (is_firewalled, name) = if number < 4 { (true, "free.exe") } else { (false, "a.ogg") };
        let servent = Guid([u8::try_from(number).unwrap(); 16]);
        let push = is_firewalled.then(|| PushWay { servent, index: 0, proxies: Vec::new() });
        let finding = Finding::by_urn(address(number), Origin::Hit);
        let name = Some(name.to_owned());
        swarm.hand_in(Input::Found(Finding { name, is_firewalled, push, ..finding }));
    }
    swarm.run_until(Time::from_millis(2));
    (1..4).for_each(|number| swarm.come(address(number)));
    swarm.finish();
    let given = swarm.download.sources().filter(|source| source.useful_len > 0).count();
    assert_eq!((given, swarm.download.name()), (5, "a.ogg"));
}

/// DOWN-40: the power goes when it may have its name already. With another one it would be there twice.
#[test]
fn what_may_have_its_name_keeps_it() {
    for steps in 1.. {
        let mut swarm = swarm(None);
        swarm.steps_left = Some(steps);
        swarm.peers.insert(address(9), Peer::default());
        hit(&mut swarm, 9, "a.ogg");
        assert!(!swarm.run_until(Time::from_millis(100_000)), "it was never about to get its name");
        if !journal::replay(&swarm.disk.journal.content()).unwrap().is_whole {
            continue;
        }
        let mut swarm = swarm.restart();
        for number in 1..7 {
            hit(&mut swarm, number, "b.ogg");
        }
        swarm.finish();
        assert_eq!(swarm.download.name(), "a.ogg");
        return;
    }
}
