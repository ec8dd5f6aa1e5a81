use std::process::{Child, Command, Stdio};

use super::scene::{Ran, Running, Scene, wait_until, write_notice};

/// A process that stands for that of the node.
fn process() -> Child {
    Command::new("cat").stdin(Stdio::piped()).spawn().unwrap()
}

fn stopping(scene: &Scene) -> bool {
    scene.node.change(|state| state.stopping)
}

#[test]
fn it_waits_until_the_process_of_the_node_is_gone() {
    let scene = Scene::new("stop");
    let mut process = process();
    write_notice(&scene.home, process.id(), &format!("http://{}", scene.served.address.unwrap()));
    let running: Running = scene.start(&["stop"]);
    wait_until("the node is told", || stopping(&scene));
    // The process ends when its input does, and is not even waited for.
    drop(process.stdin.take());
    let Ran { code, out, err } = running.end();
    assert_eq!((code, out.as_str(), err.as_str()), (0, "the node has ended\n", ""));
    process.wait().unwrap();
}

#[test]
fn a_node_that_does_not_end_in_time_is_a_failure() {
    let scene = Scene::new("stop-late");
    let ran = scene.run(&["stop", "--wait", "1", "--json"]);
    assert!(stopping(&scene));
    assert_eq!((ran.code, ran.out.as_str()), (1, "{\"gone\":false}\n"));
    assert_eq!(ran.err, "filbert: the node has not ended within 1 s\n");
}

#[test]
fn nobody_waits_who_does_not_want_to() {
    let scene = Scene::new("stop-at-once");
    assert_eq!(scene.printed(&["stop", "--wait", "0"]), "the node is ending\n");
    assert!(stopping(&scene));
}

#[test]
fn a_node_of_which_only_the_place_is_known_is_gone_when_nobody_answers_there() {
    let scene = Scene::new("stop-by-place");
    let place = scene.served.address.unwrap().to_string();
    let running = scene.start(&["stop", "--api", &place]);
    wait_until("the node is told", || stopping(&scene));
    scene.end_server();
    let ran = running.end();
    assert_eq!((ran.code, ran.out.as_str()), (0, "the node has ended\n"), "{}", ran.err);
}
