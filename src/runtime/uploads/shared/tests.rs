use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

use super::*;
use crate::gnutella::holder::{Holder, Own};
use crate::gnutella::http::Alternates;
use crate::runtime::sharing::Doubts;
use crate::runtime::uploads::LibraryFiles;
use crate::transfer::upload::{Ask, Manner, Teller, Verdict};

const LATE: Time = Time::from_millis(600_000);

fn shared() -> (Shared, mpsc::Receiver<Wish>) {
    let terms = Terms { slots: 1, slots_per_host: 1, queue_len: 9 };
    let files = LibraryFiles::new(watch::channel(Default::default()).1, None, Doubts::default());
    let about = About {
        server: "Test/1".to_owned(),
        holder: Holder::ours(&Own::default(), &[]),
        node: None,
        behind: None,
        allow_private: false,
        kazaa: None,
    };
    let (wishes, outlet) = mpsc::channel(WISHES_MAX);
    let counter = Counter::new(terms, ChaCha8Rng::seed_from_u64(1));
    let (doing, _) = watch::channel(Doing::default());
    let desk = ControlDesk::new().0;
    (Shared::new(counter, (Arc::new(files), about), (doing, wishes), desk), outlet)
}

/// A host of a file.
fn learn(mesh: &mut Mesh, file: u8) {
    let address = SocketAddr::from(([5, 5, file, 5], 6_346));
    let told = Alternates { hosts: vec![AltHost { address, tls: false }], ..Alternates::default() };
    let teller = Teller { address, ours: None, allow_private: false };
    mesh.learn(&[file; 20], &told, &teller, Time::ZERO);
}

/// Whoever waits and has gone.
fn wait(counter: &mut Counter) {
    let address = SocketAddr::from(([9, 9, 9, 9], 6_346));
    let ask = |visit, calls_at| Ask {
        visit: VisitId(visit),
        address: address.ip(),
        file: FileId(1),
        manner: Manner::Numbered { id: None, calls_at },
    };
    assert_eq!(counter.ask(&ask(1, None), Time::ZERO), Verdict::Serve);
    assert!(matches!(counter.ask(&ask(2, Some(address)), Time::ZERO), Verdict::Wait(_)));
    counter.gone(VisitId(2), Time::ZERO);
}

/// UPLOAD-09: it is called once, and counts as called.
#[test]
fn whose_turn_it_is_finds_room_beside_all_that_hits_are_to_say() {
    let (shared, mut outlet) = shared();
    wait(&mut shared.desk().counter);
    (0..200).for_each(|file| learn(&mut shared.desk().mesh, file));
    shared.tick(Time::ZERO);
    assert_eq!(outlet.len(), WISHES_MAX / 2);
    shared.tick(LATE);
    let mut wishes: Vec<Wish> = std::iter::from_fn(|| outlet.try_recv().ok()).collect();
    assert!(matches!(wishes.pop(), Some(Wish::Call { .. })), "{wishes:?}");
    assert!(wishes.iter().all(|wish| matches!(wish, Wish::NameSources { .. })), "{wishes:?}");
    shared.tick(LATE);
    assert_eq!(outlet.len(), WISHES_MAX / 2, "the next ones");
}
