use super::node_script::{Op, Script};
use super::node_world::World;

/// Whatever peers, drivers and users do: the node keeps its contract, its routes and its limits, and
/// does the same for the same inputs. See [`Op`] for what can happen, [`World`] for what must hold.
pub(super) fn node(input: &[u8]) {
    let script = Script::read(input);
    let first = run(&script);
    let second = run(&script);
    assert_eq!(first, second, "the same inputs give the same outputs");
}

/// Runs a script, and tells what came out as one number.
fn run(script: &Script) -> u64 {
    let mut world = World::new(&script.setup);
    for op in &script.ops {
        world.act(op);
        world.check();
    }
    // A quiet end: what waits is sent, and what is old is forgotten.
    for op in [Op::Transmit { link: 0, count: u8::MAX }, Op::Pass { wait_ms: 600_000 }] {
        world.act(&op);
        world.check();
    }
    world.told()
}
