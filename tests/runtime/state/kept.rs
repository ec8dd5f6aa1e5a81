//! What is written and read again.

use std::net::SocketAddr;
use std::time::Duration;

use filbert::gnutella::bootstrap::Asked;
use filbert::gnutella::wire::Guid;
use filbert::node::Earlier;
use filbert::node::host_cache::{Quality, SavedHost};
use filbert::promotion::Record;
use filbert::runtime::state::{Disk, Kept, Parts, Saver, Store, Wall};

use super::{Home, NOW};

pub(super) fn host(number: u8, quality: Quality, age_s: u32) -> SavedHost {
    let address = SocketAddr::from(([5, 6, 7, number], 6346));
    SavedHost { address, quality, is_ultrapeer: true, daily_uptime_min: 90, distance: 2, age_s }
}

fn everything() -> (Parts, Kept) {
    let hosts = vec![
        host(1, Quality::Proven, 100),
        host(2, Quality::Met, 50),
        SavedHost { is_ultrapeer: false, ..host(3, Quality::Hearsay, 0) },
        SavedHost { address: "[2600::1]:9".parse().unwrap(), ..host(4, Quality::Met, 7) },
    ];
    let record = Record {
        runs: 3,
        total: Duration::from_secs(10_000),
        address: Some(([5, 5, 5, 5].into(), Duration::from_secs(77))),
        upload_proven: 20_000,
        demotions: 2,
        ..Record::default()
    };
    let asked = vec![Asked { name: "cache.example.net:1".into(), ago: Duration::from_secs(9) }];
    let guid = Some(Guid([7; 16]));
    let earlier = Some(Earlier { record: record.clone(), away: Duration::ZERO });
    let supernodes = vec![host(5, Quality::Proven, 3), host(6, Quality::Met, 50)];
    let of_fasttrack = Record { runs: 2, demotions: 1, ..Record::default() };
    let fasttrack_earlier = Some(Earlier { record: of_fasttrack.clone(), away: Duration::ZERO });
    let kept = Kept {
        guid,
        hosts: hosts.clone(),
        supernodes: supernodes.clone(),
        earlier,
        fasttrack_earlier,
        asked: asked.clone(),
        searches: 77,
    };
    let parts = Parts {
        guid,
        hosts: Some(hosts),
        supernodes: Some(supernodes),
        record: Some(record),
        fasttrack_record: Some(of_fasttrack),
        asked: Some(asked),
        searches: Some(77),
    };
    (parts, kept)
}

#[test]
fn a_new_home_is_empty() {
    let home = Home::new();
    assert_eq!(home.kept(), Kept::default());
    assert_eq!(home.kept(), Kept::default());
}

#[test]
fn what_was_kept_is_there_again() {
    let (home, (parts, kept)) = (Home::new(), everything());
    home.save(&parts);
    assert_eq!(home.kept(), kept);
}

#[test]
fn what_is_not_named_stays_as_it_is() {
    let (home, (parts, kept)) = (Home::new(), everything());
    home.save(&parts);
    home.save(&Parts { hosts: Some(vec![]), ..Parts::default() });
    assert_eq!(home.kept(), Kept { hosts: vec![], ..kept });
}

#[test]
fn what_is_kept_grows_old_while_the_node_is_away() {
    let (home, (parts, _)) = (Home::new(), everything());
    home.save(&parts);
    let later = Store::open_on(Disk::real(), home.path(), Wall(NOW.0 + 1_000)).kept;
    let ages: Vec<u32> = later.hosts.iter().map(|host| host.age_s).collect();
    assert_eq!(ages, [1_100, 1_050, 1_000, 1_007]);
    assert_eq!(later.supernodes[0].age_s, 1_003);
    assert_eq!(later.earlier.unwrap().away, Duration::from_secs(1_000));
    assert_eq!(later.fasttrack_earlier.unwrap().away, Duration::from_secs(1_000));
    assert_eq!(later.asked[0].ago, Duration::from_secs(1_009));
}

/// The clock was set back by a day, or by years, or forward by years.
#[test]
fn a_clock_that_jumps_makes_no_age_negative_or_absurd() {
    let (home, (parts, _)) = (Home::new(), everything());
    home.save(&parts);
    for jumped in [NOW.0 - 86_400, 0, NOW.0 + 40 * 366 * 86_400, u64::MAX] {
        let kept = Store::open_on(Disk::real(), home.path(), Wall(jumped)).kept;
        assert_eq!(kept.hosts.len(), 4, "{jumped}");
        for host in &kept.hosts {
            assert!((1_800..7_200).contains(&host.age_s), "{jumped}: {host:?}");
        }
        assert_eq!(kept.earlier.unwrap().away, Duration::ZERO, "{jumped}");
        assert_eq!(kept.asked[0].ago, Duration::ZERO, "{jumped}");
    }
}

#[tokio::test]
async fn a_saver_writes_the_newest_and_ends_with_the_last() {
    let (home, (parts, kept)) = (Home::new(), everything());
    let saver = Saver::start(home.open().store).unwrap();
    for number in 0..200 {
        saver.save(Parts { hosts: Some(vec![host(number, Quality::Met, 1)]), ..Parts::default() });
    }
    saver.save(Parts { guid: parts.guid, record: parts.record.clone(), ..Parts::default() });
    saver.save(Parts { searches: parts.searches, ..Parts::default() });
    let done = saver.finish(Parts { hosts: parts.hosts, asked: parts.asked, ..Parts::default() });
    done.await.unwrap();
    let read = Store::open(home.path()).kept;
    assert_eq!((read.guid, read.hosts.len(), read.asked.len()), (kept.guid, 4, 1));
    assert_eq!(read.earlier.unwrap().record, kept.earlier.unwrap().record);
}

#[test]
fn the_file_is_for_nobody_else() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::new();
    home.save(&everything().0);
    let mode = std::fs::metadata(home.file()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}
