//! A node that has no part in FastTrack.

use allocation_counter::measure;
use filbert::base::time::Time;
use filbert::fasttrack::link::Ending;
use filbert::gnutella::link::Role;
use filbert::node::fasttrack::{self, RolePolicy};
use filbert::node::{self, Command, Config, Input, LinkId, Node};
use filbert::promotion;

use super::scene::host;

fn node(fasttrack: Option<fasttrack::Config>) -> Node {
    let mut config = Config::new(node::RolePolicy::Always(Role::Leaf));
    config.fasttrack = fasttrack.map(Box::new);
    Node::new(config, 1, Time::ZERO)
}

/// What is not wanted costs a pointer.
#[test]
fn whoever_has_no_part_in_fasttrack_pays_nothing_for_it() {
    let kept = |part: fn() -> Option<fasttrack::Config>| {
        let mut kept = None;
        let info = measure(|| kept = Some(node(part())));
        drop(kept);
        info.bytes_current
    };
    let without = kept(|| None);
    let with =
        kept(|| Some(fasttrack::Config::new(RolePolicy::Always(promotion::Role::Supernode))));
    assert!(with > without + 1_000, "{with} bytes, {without} without");
    let mut node = node(None);
    let link = LinkId(1);
    let inputs = || {
        let host = host(1);
        [
            Input::FastTrack(fasttrack::Input::Greeted { link }),
            Input::FastTrack(fasttrack::Input::Connected { link, address: host }),
            Input::FastTrack(fasttrack::Input::DialFailed { address: host }),
            Input::FastTrack(fasttrack::Input::Closed { link, ending: Ending::Closed }),
            Input::Command(Command::FastTrack(fasttrack::Command::Connect(host))),
            Input::Command(Command::FastTrack(fasttrack::Command::Know(vec![host]))),
        ]
    };
    let info = measure(|| {
        for input in inputs() {
            node.handle(input, Time::ZERO);
            assert!(node.poll().is_none());
        }
    });
    assert_eq!(info.bytes_current, 0);
    assert!(node.next_timeout().is_none() && node.fasttrack_profile().is_none());
}
