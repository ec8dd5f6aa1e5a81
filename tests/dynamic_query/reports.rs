//! What this node tells, as a leaf, about the searches that ultrapeers do for it.

use filbert::base::limits::{OWN_RESULTS_WANTED, OWN_SEARCHES_MAX, REPORT_AFTER_RESULTS};
use filbert::gnutella::dynamic_query::SearchReports;
use filbert::gnutella::wire::vendor::QueryStatus;

use crate::desk::guid;

/// VMSG-52
#[test]
fn a_leaf_answers_with_what_it_kept() {
    let mut reports = SearchReports::new();
    assert_eq!(reports.asked(guid(1)), QueryStatus::STOP, "no such search");
    reports.start(guid(1));
    assert_eq!(reports.asked(guid(1)).results, 0);
    assert_eq!(reports.kept(guid(1), 3), None);
    assert_eq!(reports.asked(guid(1)).results, 3);
    assert_eq!(reports.kept(guid(2), 3), None, "not ours");
    assert_eq!(reports.end(guid(1)), Some(QueryStatus::STOP));
    assert_eq!(reports.end(guid(1)), None);
    assert_eq!(reports.asked(guid(1)), QueryStatus::STOP);
}

/// VMSG-52
#[test]
fn a_leaf_tells_by_itself_after_each_fifteen_results_and_at_last_to_stop() {
    let mut reports = SearchReports::new();
    reports.start(guid(1));
    assert_eq!(reports.kept(guid(1), u32::from(REPORT_AFTER_RESULTS) - 1), None);
    assert_eq!(reports.kept(guid(1), 1), Some(QueryStatus { results: REPORT_AFTER_RESULTS }));
    assert_eq!(reports.kept(guid(1), 14), None, "fifteen more are needed");
    assert_eq!(reports.asked(guid(1)).results, 29);
    let told = Some(QueryStatus { results: 30 });
    assert_eq!(reports.kept(guid(1), 1), told, "one that asks keeps no news from the others");
    assert_eq!(reports.kept(guid(1), OWN_RESULTS_WANTED - 30), Some(QueryStatus::STOP));
    assert_eq!(reports.kept(guid(1), 100), None, "once");
    assert_eq!(reports.asked(guid(1)), QueryStatus::STOP);
    reports.start(guid(2));
    assert_eq!(reports.kept(guid(2), u32::MAX), Some(QueryStatus::STOP));
}

#[test]
fn a_leaf_follows_its_latest_searches() {
    let mut reports = SearchReports::new();
    let count = u32::try_from(OWN_SEARCHES_MAX).unwrap();
    (0..count).for_each(|number| reports.start(guid(number)));
    assert_eq!(reports.asked(guid(0)).results, 0);
    reports.start(guid(count));
    assert_eq!(reports.asked(guid(0)), QueryStatus::STOP, "the oldest is forgotten");
    assert_eq!(reports.asked(guid(1)).results, 0);
    assert_eq!(reports.asked(guid(count)).results, 0);
}
