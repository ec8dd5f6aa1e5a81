use filbert::control::model::{Happening, Network, Role};

use super::scene::{Scene, wait_until};

fn changed(why: &str) -> Happening {
    Happening::RoleChanged {
        network: Network::Gnutella,
        role: Role::Ultrapeer,
        why: why.to_owned(),
    }
}

/// Waits until the program watches.
fn watched(scene: &Scene) {
    wait_until("it watches", || scene.node.watchers() > 0);
}

#[test]
fn events_come_as_they_happen_a_line_each() {
    let scene = Scene::new("events");
    let mut running = scene.start(&["events"]);
    watched(&scene);
    scene.node.tell(changed("a\u{1b}[2Jb"));
    let line = running.line();
    let (time, said) = line.split_once(' ').unwrap();
    assert_eq!(said, "role_changed       network gnutella, role ultrapeer, why a\u{fffd}[2Jb");
    assert!(time.len() == 9 && time.ends_with('Z'), "{time}");

    scene.node.tell(Happening::Stopping);
    assert!(running.line().ends_with("stopping"));
    scene.end_server();
    let ran = running.end();
    assert_eq!((ran.code, ran.err.as_str()), (0, "filbert: the node has ended\n"));
}

#[test]
fn programs_get_one_object_a_line() {
    let scene = Scene::new("events-json");
    let mut running = scene.start(&["events", "--json"]);
    watched(&scene);
    scene.node.tell(changed("x\u{202e}y"));
    let line = running.line();
    assert_eq!(
        line,
        r#"{"event":"role_changed","network":"gnutella","role":"ultrapeer","why":"x\u202ey"}"#
    );
    assert_eq!(serde_json::from_str::<Happening>(&line).unwrap(), changed("x\u{202e}y"));
    running.signal("INT");
    assert_eq!(running.end().code, 130);
}

#[test]
fn only_the_kinds_come_that_are_wanted() {
    let scene = Scene::new("events-kinds");
    let mut running = scene.start(&["events", "--json", "--kinds", "stopping,reloaded"]);
    watched(&scene);
    scene.node.tell(changed("nobody asked"));
    scene.node.tell(Happening::Stopping);
    assert_eq!(running.line(), r#"{"event":"stopping"}"#);
    running.signal("TERM");
    assert_eq!(running.end().code, 130);
}

#[test]
fn a_closed_pipe_ends_it_well_even_while_nothing_happens() {
    let scene = Scene::new("events-pipe");
    let mut running = scene.start(&["events"]);
    watched(&scene);
    running.close_output();
    // The reader looks at the channel with the next line, and closes the pipe after it.
    scene.node.tell(changed("once"));
    let ran = running.end();
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
}
