use super::*;
use crate::base::ranges::ByteRange;

const SHA1: [u8; 20] = [7; 20];

fn available(ranges: &[(u64, u64)]) -> Available {
    let ranges = ranges.iter().map(|(start, end)| ByteRange::new(*start, *end)).collect();
    let tree = TreeRows::new(1_000, vec![[9; 24]]).map(Arc::new);
    Available { name: "a.ogg".to_owned(), size: 1_000, tree, ranges }
}

fn entered(all: &Unfinished) -> Offering {
    all.enter(Path::new("/nowhere"), Path::new("x.part"), Some(SHA1)).0
}

#[tokio::test]
async fn what_is_offered_is_found_and_told_until_it_is_withdrawn() {
    let all = Unfinished::new(true);
    let offering = entered(&all);
    assert_eq!(all.by_urn(&Urn::Sha1(SHA1)), None);
    offering.offer(available(&[(0, 100)]));
    let item = all.by_urn(&Urn::Sha1(SHA1)).unwrap();
    assert!(Unfinished::may_have(item.id));
    assert_eq!(all.by_id(item.id).as_ref(), Some(&item));
    assert_eq!(all.by_urn(&Urn::TigerTree([9; 24])).as_ref(), Some(&item));
    let bitprint = |tiger_tree| Urn::Bitprint { sha1: SHA1, tiger_tree };
    assert_eq!(all.by_urn(&bitprint([9; 24])).as_ref(), Some(&item));
    assert_eq!(all.by_urn(&bitprint([8; 24])), None);
    let News::Offer(part) = all.news().await else { panic!("it is not told") };
    assert_eq!((part.id, part.available.len(), part.size), (item.id, 100, 1_000));
    drop(offering);
    assert_eq!(all.news().await, News::Withdraw(SHA1));
    assert_eq!(all.by_urn(&Urn::Sha1(SHA1)), None);
    let again = entered(&all);
    again.offer(available(&[(0, 100)]));
    assert_ne!(all.by_urn(&Urn::Sha1(SHA1)).unwrap().id, item.id, "no number is given twice");
}

/// Whoever asks hears that there is nothing yet, and comes again; hits do not name it.
#[tokio::test]
async fn a_file_of_which_nothing_is_here_is_found_and_not_told() {
    let all = Unfinished::new(true);
    let offering = entered(&all);
    offering.offer(available(&[]));
    let item = all.by_urn(&Urn::Sha1(SHA1)).unwrap();
    assert!(item.parts.unwrap().is_empty());
    assert_eq!(all.news().await, News::Withdraw(SHA1));
}

/// A download is cancelled, and wanted again at once.
#[test]
fn one_that_leaves_takes_nothing_of_the_next_one_with_it() {
    let all = Unfinished::new(true);
    let id = || all.by_urn(&Urn::Sha1(SHA1)).map(|item| item.id);
    let [old, new] = [(); 2].map(|()| entered(&all));
    old.offer(available(&[(0, 100)]));
    let first = id().unwrap();
    new.offer(available(&[]));
    assert_ne!(id(), Some(first), "no number is given twice");
    assert_eq!(all.by_id(first), None);
    drop(old);
    assert!(id().is_some());
    new.withdraw();
    assert_eq!(id(), None);
}

#[tokio::test]
async fn the_user_may_want_none_of_it() {
    let all = Unfinished::new(false);
    let offering = entered(&all);
    offering.offer(available(&[(0, 100)]));
    assert_eq!(all.by_urn(&Urn::Sha1(SHA1)), None);
    assert_eq!(all.news().await, News::Withdraw(SHA1));
    all.set_on(true);
    assert!(all.by_urn(&Urn::Sha1(SHA1)).is_some());
    assert!(matches!(all.news().await, News::Offer(_)));
    all.set_on(false);
    assert_eq!(all.by_urn(&Urn::Sha1(SHA1)), None);
    assert_eq!(all.news().await, News::Withdraw(SHA1));
}

#[test]
fn what_the_user_wants_holds_for_what_is_offered_later() {
    let all = Unfinished::new(false);
    let offering = entered(&all);
    assert!(!offering.part().is_on());
    all.set_on(true);
    offering.offer(available(&[(0, 100)]));
    assert!(offering.part().is_on());
}

#[tokio::test]
async fn whoever_has_some_of_it_is_told_to_the_download() {
    let all = Unfinished::new(true);
    let (offering, mut heard) = all.enter(Path::new("/"), Path::new("x"), Some(SHA1));
    offering.offer(available(&[]));
    let id = all.by_urn(&Urn::Sha1(SHA1)).unwrap().id;
    let host = AltHost::new("11.1.1.1:6346".parse().unwrap());
    (0..=HOSTS_MAX).for_each(|_| all.hear_of(id, host));
    for _ in 0..HOSTS_MAX {
        assert_eq!(heard.try_recv(), Ok(host));
    }
    assert!(heard.try_recv().is_err(), "at the limit and one past it");
}
