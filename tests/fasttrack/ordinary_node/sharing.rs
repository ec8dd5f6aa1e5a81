//! What is shared with a supernode.

use filbert::base::limits::{SHARE_UNASKED_MS, SHARED_WITH_SUPERNODE_MAX};
use filbert::base::slots::Slot;
use filbert::fasttrack::wire::{Message, Share, TagList, Unshare};

use super::lab::{Lab, SEEN_AS, file, named_file, supernode};

/// Names of files that were shared, and of those that were taken back.
fn told(lab: &mut Lab, slot: Slot) -> (Vec<Share>, Vec<Unshare>) {
    let (mut shared, mut taken_back) = (Vec::new(), Vec::new());
    for message in lab.take_sent(slot) {
        match message {
            Message::Share(share) => shared.push(share),
            Message::Unshare(unshare) => taken_back.push(unshare),
            _ => {}
        }
    }
    (shared, taken_back)
}

fn share(lab: &mut Lab, files: &[Share]) {
    lab.node.share(files.to_vec(), lab.now);
    lab.drain();
}

fn unshare(file: &Share) -> Unshare {
    let Share { hash, file_id, size, ref tags, .. } = *file;
    Unshare { hash, file_id, size, tags: tags.clone() }
}

/// FTNODE-05
#[test]
fn files_are_shared_when_they_are_asked_for() {
    let mut lab = Lab::new([]);
    share(&mut lab, &[file(1), file(2)]);
    lab.start();
    let slot = lab.open(supernode(1));
    lab.say(slot, &Message::ExternalIp { address: SEEN_AS });
    assert_eq!(told(&mut lab, slot).0, []);
    lab.run_ms(SHARE_UNASKED_MS - 1);
    assert_eq!(told(&mut lab, slot).0, []);
    lab.say(slot, &Message::SendShares);
    assert_eq!(told(&mut lab, slot).0, [file(1), file(2)]);
    // Once, however often they are asked for.
    lab.say(slot, &Message::SendShares);
    lab.run_ms(60_000);
    assert_eq!(told(&mut lab, slot).0, []);
}

/// FTNODE-05
#[test]
fn files_are_shared_ten_seconds_after_0x2c_unasked() {
    let mut lab = Lab::new([]);
    share(&mut lab, &[file(1)]);
    lab.start();
    let slot = lab.open(supernode(1));
    lab.say(slot, &Message::ExternalIp { address: SEEN_AS });
    lab.run_ms(5_000);
    // Nothing that is said again puts it off.
    lab.say(slot, &Message::ExternalIp { address: SEEN_AS });
    lab.run_ms(SHARE_UNASKED_MS - 5_001);
    assert_eq!(told(&mut lab, slot).0, []);
    lab.run_ms(1);
    assert_eq!(told(&mut lab, slot).0, [file(1)]);
}

/// FTNODE-06
#[test]
fn seventy_files_are_shared_and_not_one_more() {
    let (mut lab, slot) = Lab::child();
    let many: Vec<_> = (1..=100).map(file).collect();
    share(&mut lab, &many);
    let (shared, _) = told(&mut lab, slot);
    assert_eq!(shared, many[..SHARED_WITH_SUPERNODE_MAX]);
    assert_eq!(SHARED_WITH_SUPERNODE_MAX, 70);
    // Where one goes, the next one takes its place.
    share(&mut lab, &many[1..]);
    assert_eq!(told(&mut lab, slot), (vec![many[70].clone()], vec![unshare(&many[0])]));
}

/// FTNODE-07: with the tags that it was shared with.
#[test]
fn what_changes_is_told_and_nothing_else() {
    let (mut lab, slot) = Lab::child();
    share(&mut lab, &[file(1), file(2), file(3)]);
    assert_eq!(told(&mut lab, slot).0.len(), 3);
    share(&mut lab, &[file(3), file(2), file(1)]);
    assert_eq!(told(&mut lab, slot), (vec![], vec![]));
    let renamed = named_file(2, "another name.mp3");
    share(&mut lab, &[renamed.clone(), file(3), file(4)]);
    // A supernode keeps files of one hash apart by their names (FTSUPER-08).
    let gone = [file(1), file(2)].iter().map(unshare).collect();
    assert_eq!(told(&mut lab, slot), (vec![renamed.clone(), file(4)], gone));
    let described = Share { media: filbert::fasttrack::wire::Media::VIDEO, ..file(4) };
    share(&mut lab, &[renamed.clone(), file(3), described.clone()]);
    assert_eq!(told(&mut lab, slot), (vec![described.clone()], vec![]));
    share(&mut lab, &[]);
    let gone = [renamed, file(3), described];
    assert_eq!(told(&mut lab, slot), (vec![], gone.iter().map(unshare).collect()));
}

/// FTNODE-15
#[test]
fn the_next_supernode_is_told_all_of_it() {
    let (mut lab, slot) = Lab::child();
    share(&mut lab, &[file(1), file(2)]);
    lab.hang_up(slot);
    share(&mut lab, &[file(2), file(3)]);
    lab.outputs.clear();
    let slot = lab.open(supernode(2));
    lab.say(slot, &Message::SendShares);
    assert_eq!(told(&mut lab, slot), (vec![file(2), file(3)], vec![]));
}

/// FTSEARCH-16: nobody could make anything of these.
#[test]
fn files_without_name_hash_or_content_are_not_shared() {
    let (mut lab, slot) = Lab::child();
    let nameless = Share { tags: TagList::EMPTY, ..file(1) };
    let empty = Share { size: 0, ..file(2) };
    let again = named_file(3, "the same file.mp3");
    let files = [nameless, named_file(5, ""), empty, file(0), file(3), again, file(4)];
    share(&mut lab, &files);
    assert_eq!(told(&mut lab, slot).0, [file(3), file(4)]);
}
