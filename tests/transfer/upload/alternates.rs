use filbert::base::limits::{
    MESH_FILES_MAX, MESH_GIVEN_MAX, MESH_HEARSAY_LIFE_MS, MESH_HOSTS_PER_FILE_MAX, MESH_LIFE_MS,
    UPLOAD_ALTERNATES_MAX,
};
use filbert::base::time::Time;
use filbert::gnutella::http::{AltHost, Alternates};
use filbert::transfer::upload::{Mesh, Teller};

use super::scene::{Scene, get, host};

fn others(scene: &mut Scene, number: usize) -> Option<String> {
    let mut client = scene.client(host(number));
    let outcome = scene.say(&mut client, get(2, ""));
    outcome.one().header("X-Alt").map(str::to_owned)
}

fn tell(scene: &mut Scene, number: usize, line: &str) {
    let mut client = scene.client(host(number));
    assert_eq!(scene.say(&mut client, get(2, line)).status(), 200);
}

/// UPLOAD-14
#[test]
fn who_names_itself_is_named_to_others_and_not_to_itself() {
    let mut scene = Scene::new();
    let ip = host(0).ip();
    tell(&mut scene, 0, &format!("X-Alt: {ip}:6346\r\n"));
    assert_eq!(others(&mut scene, 1), Some(format!("{ip}:6346")));
    assert_eq!(others(&mut scene, 0), None);
}

/// UPLOAD-14: nobody sends strangers to a victim by its word alone.
#[test]
fn who_is_named_by_others_is_named_on_once_two_networks_have_done_so() {
    let mut scene = Scene::new();
    let line = "X-Alt: 198.51.99.7:6346\r\n";
    tell(&mut scene, 0, line);
    tell(&mut scene, 0, line);
    assert_eq!(others(&mut scene, 5), None);
    tell(&mut scene, 1, line);
    assert_eq!(others(&mut scene, 5).as_deref(), Some("198.51.99.7:6346"));
    tell(&mut scene, 2, "X-NAlt: 198.51.99.7:6346\r\n");
    assert!(others(&mut scene, 5).is_some(), "one may lie about that too");
    tell(&mut scene, 3, "X-NAlt: 198.51.99.7:6346\r\n");
    assert_eq!(others(&mut scene, 5), None);
}

/// UPLOAD-14
#[test]
fn addresses_that_nobody_can_call_are_not_taken() {
    let mut scene = Scene::new();
    for hostile in
        ["127.0.0.1:6346", "10.0.0.1:6346", "0.0.0.0:6346", "198.51.99.7:80", "203.0.113.1:6346"]
    {
        for teller in 0..3 {
            tell(&mut scene, teller, &format!("X-Alt: {hostile}\r\n"));
        }
        assert!(scene.mesh.is_empty(), "{hostile}");
    }
}

fn teller(number: usize) -> Teller {
    Teller { address: host(number), ours: None, allow_private: false }
}

fn named(hosts: impl IntoIterator<Item = usize>) -> Alternates {
    let hosts = hosts.into_iter().map(|number| {
        let mut address = host(number);
        address.set_port(6346);
        AltHost { address, tls: false }
    });
    Alternates { hosts: hosts.collect(), ..Alternates::default() }
}

/// UPLOAD-15
#[test]
fn a_host_that_is_not_heard_of_any_more_is_forgotten() {
    let mut mesh = Mesh::default();
    mesh.learn(&[1; 20], &named([3]), &teller(3), Time::ZERO);
    let last = Time::ZERO.after_ms(MESH_LIFE_MS - 1);
    assert_eq!(mesh.tell(&[1; 20], host(9), last).len(), 1);
    assert_eq!(mesh.tell(&[1; 20], host(9), last.after_ms(1)).len(), 0);
    assert_eq!(mesh.len(), 1);
    while mesh.next_changed().is_some() {}
    mesh.handle_timeout(last.after_ms(1));
    assert_eq!((mesh.is_empty(), mesh.next_changed()), (true, Some([1; 20])));
}

/// UPLOAD-15, attack A7: a victim that liars have named is not named on for long.
#[test]
fn the_word_of_others_counts_for_ten_minutes() {
    let mut mesh = Mesh::default();
    mesh.learn(&[1; 20], &named([3]), &teller(40), Time::ZERO);
    let second = Time::ZERO.after_ms(MESH_HEARSAY_LIFE_MS - 1);
    mesh.learn(&[1; 20], &named([3]), &teller(80), second);
    assert_eq!(mesh.next_changed(), Some([1; 20]));
    assert_eq!(mesh.tell(&[1; 20], host(9), second).len(), 1);
    // The word of the first has faded; that of a third takes its place.
    assert_eq!(mesh.tell(&[1; 20], host(9), second.after_ms(1)).len(), 0);
    mesh.learn(&[1; 20], &named([3]), &teller(120), second.after_ms(2));
    assert_eq!(mesh.tell(&[1; 20], host(9), second.after_ms(2)).len(), 1);
    let last = second.after_ms(MESH_HEARSAY_LIFE_MS);
    assert_eq!(mesh.tell(&[1; 20], host(9), last).len(), 0);
    mesh.handle_timeout(last.after_ms(2));
    assert!(mesh.is_empty());
}

/// UPLOAD-15, attack A7: hits do not name a victim for longer than one liar keeps it in mind.
#[test]
fn that_a_host_is_not_believed_any_more_is_told_though_it_stays() {
    let mut mesh = Mesh::default();
    mesh.learn(&[1; 20], &named([3]), &teller(40), Time::ZERO);
    assert_eq!(mesh.next_changed(), None, "one is not enough");
    let second = Time::ZERO.after_ms(MESH_HEARSAY_LIFE_MS - 1);
    mesh.learn(&[1; 20], &named([3]), &teller(80), second);
    assert_eq!(mesh.next_changed(), Some([1; 20]));
    mesh.handle_timeout(second);
    assert_eq!(mesh.next_changed(), None, "nothing is new");
    mesh.handle_timeout(second.after_ms(1));
    assert_eq!((mesh.len(), mesh.next_changed()), (1, Some([1; 20])));
    assert_eq!(mesh.believed(&[1; 20], second.after_ms(1)).count(), 0);
    mesh.handle_timeout(second.after_ms(2));
    assert_eq!(mesh.next_changed(), None, "it is known");
    mesh.learn(&[1; 20], &named([3]), &teller(40), second.after_ms(3));
    assert_eq!(mesh.next_changed(), Some([1; 20]), "it is believed again");
}

/// UPLOAD-15
#[test]
fn that_a_host_is_not_believed_any_more_is_told_where_others_speak_of_it_or_take_its_place() {
    let believed = |hosts: usize| {
        let mut mesh = Mesh::default();
        for number in 0..hosts {
            mesh.learn(&[1; 20], &named([number]), &teller(number), Time::ZERO);
        }
        while mesh.next_changed().is_some() {}
        mesh
    };
    let mut full = believed(MESH_HOSTS_PER_FILE_MAX);
    full.learn(&[1; 20], &named([700]), &teller(800), Time::ZERO);
    assert_eq!(full.next_changed(), Some([1; 20]), "the first one has made room");
    full.learn(&[1; 20], &named([701]), &teller(800), Time::ZERO);
    assert_eq!(full.next_changed(), None, "only a rumour has");
    let late = Time::ZERO.after_ms(MESH_LIFE_MS);
    let mut rumoured = believed(1);
    rumoured.learn(&[1; 20], &named([0]), &teller(800), late);
    assert_eq!((rumoured.len(), rumoured.next_changed()), (1, Some([1; 20])));
    let gone = |number| Alternates { gone: named([number]).hosts, ..Alternates::default() };
    let mut denied = believed(1);
    denied.learn(&[1; 20], &gone(0), &teller(0), Time::ZERO);
    assert_eq!((denied.len(), denied.next_changed()), (0, Some([1; 20])));
}

/// UPLOAD-15
#[test]
fn so_many_hosts_are_kept_and_told_and_taken_and_not_one_more() {
    let mut mesh = Mesh::default();
    for number in 0..=MESH_HOSTS_PER_FILE_MAX {
        mesh.learn(&[1; 20], &named([number]), &teller(number), Time::ZERO);
        let told = mesh.tell(&[1; 20], host(900), Time::ZERO).len();
        assert_eq!(told, (number + 1).min(MESH_GIVEN_MAX));
        assert_eq!(mesh.len(), (number + 1).min(MESH_HOSTS_PER_FILE_MAX));
    }
    let mut mesh = Mesh::default();
    mesh.learn(&[1; 20], &named(0..UPLOAD_ALTERNATES_MAX + 1), &teller(800), Time::ZERO);
    assert_eq!(mesh.len(), UPLOAD_ALTERNATES_MAX);
    // What is believed outlives what is not.
    mesh.learn(&[1; 20], &named([700]), &teller(700), Time::ZERO);
    for first in (0..200).step_by(10) {
        mesh.learn(&[1; 20], &named(first..first + 10), &teller(800), Time::ZERO);
    }
    assert_eq!(mesh.tell(&[1; 20], host(900), Time::ZERO).len(), 1);
}

/// UPLOAD-15
#[test]
fn hosts_are_kept_for_so_many_files_and_the_oldest_goes() {
    let mut mesh = Mesh::default();
    let sha1 = |number: usize| {
        let mut sha1 = [0; 20];
        sha1[..8].copy_from_slice(&(number as u64).to_be_bytes());
        sha1
    };
    for number in 0..=MESH_FILES_MAX {
        let now = Time::from_millis(number as u64);
        mesh.learn(&sha1(number), &named([3]), &teller(3), now);
    }
    assert_eq!(mesh.len(), MESH_FILES_MAX);
    let now = Time::from_millis(MESH_FILES_MAX as u64);
    assert_eq!(mesh.tell(&sha1(0), host(9), now).len(), 0);
    assert_eq!(mesh.tell(&sha1(1), host(9), now).len(), 1);
}

/// UPLOAD-24
#[test]
fn who_names_itself_for_a_file_of_which_there_are_parts_becomes_a_source_and_nobody_else() {
    let mut scene = Scene::new();
    let own = host(0).ip();
    let line = format!("X-Alt: 198.51.99.7:6346, {own}:6346, {own}:6347, {own}:80\r\n");
    for file in [2, 4] {
        let mut client = scene.client(host(0));
        scene.say(&mut client, get(file, &line));
        scene.leave(&client);
    }
    let own = std::net::SocketAddr::new(own, 6_346);
    assert_eq!(*scene.shelves.heard.lock().unwrap(), [(4, own)]);
}
