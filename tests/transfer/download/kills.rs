//! The power goes, again and again, at any moment.

use bytes::Bytes;
use filbert::base::ranges::ByteRange;
use filbert::base::time::Time;
use filbert::transfer::download::journal::{self, Recovered};
use filbert::transfer::download::{Download, Leaves, Rules, State, root_of};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use super::disk::ModelDisk;
use super::swarm::{Peer, Swarm, file_of, intent_of};

fn peers(rng: &mut ChaCha8Rng) -> Vec<Peer> {
    let count = rng.random_range(1..5);
    let mut peers: Vec<Peer> = (0..count)
        .map(|_| Peer {
            rate: rng.random_range(20_000..400_000),
            wrong_percent: if rng.random_range(0..4) == 0 { 30 } else { 0 },
            gives_tree: rng.random_range(0..3) > 0,
            breaks_after: (rng.random_range(0..3) == 0).then(|| rng.random_range(1..300_000)),
            ..Peer::default()
        })
        .collect();
    // One at least has the file as it is.
    peers.push(Peer::default());
    peers
}

/// All that the journal says is true.
fn check(recovered: &Recovered, disk: &ModelDisk, file: &Bytes, seed: u64) {
    let part = disk.part.content();
    let bytes = |range: ByteRange| {
        let range = usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap();
        part.get(range.clone()).map(|bytes| (bytes, &file[range]))
    };
    for range in recovered.verified.iter() {
        let (there, right) = bytes(range).expect("verified bytes are missing");
        // Without a root that the user named, a tree may be false; nothing is promised then.
        if recovered.tree.as_ref().is_some_and(|(_, is_trusted)| *is_trusted)
            || seed.is_multiple_of(2)
        {
            assert!(there == right, "seed {seed}: {range} is wrong");
        }
    }
    for (range, root) in recovered.taken.values() {
        let (there, _) = bytes(*range).expect("taken bytes are missing");
        let mut leaves = Leaves::new();
        leaves.update(there);
        assert_eq!(root_of(&leaves.finish()), *root, "seed {seed}: {range} is another piece");
    }
}

/// All that the journal said before is said after, whoever vouches for a tree: but for what was being written
/// down just then, nothing else is.
fn keeps(recovered: &Recovered, disk: &ModelDisk, seed: u64) {
    assert!(disk.journal.content().starts_with(&disk.sworn), "seed {seed}: the journal is another");
    let Ok(mut sworn) = journal::replay(&disk.sworn) else { return };
    sworn.keep_only(disk.part.content().len() as u64);
    if recovered.writer.len() == sworn.writer.len() {
        assert_eq!(recovered.verified, sworn.verified, "seed {seed}");
        assert_eq!(recovered.taken, sworn.taken, "seed {seed}");
    }
    assert!(recovered.writer.len() >= sworn.writer.len(), "seed {seed}: records are lost");
}

/// One download that loses power until it is whole. Returned is how often.
fn suffer(seed: u64) -> u64 {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let file = file_of(rng.random_range(1..200_000), seed);
    let intent = intent_of(&file, seed.is_multiple_of(2));
    let download = Download::new(intent.clone(), Rules::default(), &mut rng);
    let peers = peers(&mut rng);
    let mut next = Some((download, ModelDisk::default()));
    let mut kills = 0;
    while let Some((download, disk)) = next.take() {
        let life = ChaCha8Rng::seed_from_u64(seed << 20 | kills);
        let mut swarm = Swarm::with(download, disk, file.clone(), peers.clone(), life);
        // Lives grow longer, so that it ends at some time.
        swarm.steps_left = Some(rng.random_range(0..6 + kills * 2));
        if swarm.run_until(Time::from_millis(24 * 3_600_000)) {
            let is_finished = matches!(swarm.download.state(), State::Finished { .. });
            assert!(is_finished, "seed {seed}: {:?}", swarm.notes.dropped);
            assert!(swarm.disk.finished.as_deref() == Some(&file[..]), "seed {seed}: another file");
            return kills;
        }
        kills += 1;
        let promised = swarm.download.shared();
        let mut disk = swarm.disk;
        next = Some(match journal::replay(&disk.journal.content()) {
            Ok(mut recovered) => {
                recovered.keep_only(disk.part.content().len() as u64);
                check(&recovered, &disk, &file, seed);
                keeps(&recovered, &disk, seed);
                let lost = promised.iter().find(|range| !recovered.verified.contains(*range));
                assert_eq!(lost, None, "seed {seed}: verified bytes are lost");
                disk.journal.cut(recovered.writer.len());
                let there = recovered.taken.values().map(|(range, _)| range.len());
                let there = recovered.verified.len() + there.sum::<u64>();
                let download = Download::resume(recovered, Rules::default(), &mut rng);
                assert_eq!(download.progress().done_len, there, "seed {seed}: fetched again");
                (download, disk)
            }
            Err(_) => {
                assert!(promised.is_empty(), "seed {seed}: all is lost");
                assert!(journal::replay(&disk.sworn).is_err(), "seed {seed}: all is lost");
                (Download::new(intent.clone(), Rules::default(), &mut rng), ModelDisk::default())
            }
        });
    }
    kills
}

/// Downloads until they have lost power so often.
fn lose_power(kills_min: u64) {
    let mut kills = 0;
    for seed in 0.. {
        kills += suffer(seed);
        if kills >= kills_min {
            println!("{kills} losses of power in {} downloads", seed + 1);
            return;
        }
    }
}

/// DOWN-09, DOWN-10
#[test]
fn what_is_verified_outlasts_a_thousand_losses_of_power() {
    lose_power(1_000);
}

/// DOWN-09, DOWN-10
#[test]
#[ignore = "takes a minute or two"]
fn what_is_verified_outlasts_ten_thousand_losses_of_power() {
    lose_power(10_000);
}

/// DOWN-10: a journal of which any byte has changed, or that ends anywhere, tells nothing that is wrong.
#[test]
fn a_damaged_journal_never_makes_wrong_bytes_count() {
    let file = file_of(400_000, 1);
    let mut swarm = Swarm::new(file.clone(), intent_of(&file, true), vec![Peer::default()], 1);
    swarm.run_until(Time::from_millis(1_800));
    let whole = swarm.disk.journal.content();
    let sound = journal::replay(&whole).unwrap();
    assert!(!sound.verified.is_empty() && sound.damage.is_none());
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    for _ in 0..5_000 {
        let mut journal = whole.clone();
        if rng.random() {
            let place = rng.random_range(0..journal.len());
            journal[place] ^= 1 << rng.random_range(0..8);
        } else {
            journal.truncate(rng.random_range(0..journal.len()));
        }
        let Ok(recovered) = journal::replay(&journal) else { continue };
        assert_eq!(recovered.intent, sound.intent);
        assert!(recovered.verified.iter().all(|range| sound.verified.contains(range)));
        assert!(recovered.writer.len() <= journal.len() as u64);
    }
}

/// DOWN-10: what is no journal is refused, and what follows its last sound record is damage.
#[test]
fn a_journal_that_is_none_says_so() {
    for bytes in [&b""[..], b"no journal", &[0; 200]] {
        let fault = journal::replay(bytes).unwrap_err();
        assert_eq!(fault.rule.to_string(), "DOWN-10");
    }
}
