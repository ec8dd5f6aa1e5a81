use std::collections::VecDeque;

use crate::base::limits::{OWN_RESULTS_WANTED, OWN_SEARCHES_MAX, REPORT_AFTER_RESULTS};
use crate::gnutella::wire::Guid;
use crate::gnutella::wire::vendor::QueryStatus;

/// What a leaf tells its ultrapeers about its own searches (VMSG-52): the other side of guidance.
///
/// It tells all that it kept, whoever brought it, and does not divide by the number of ultrapeers. One of
/// them that asks often keeps no news from the others.
#[derive(Debug, Default)]
pub struct SearchReports {
    /// The oldest first.
    searches: VecDeque<Report>,
}

#[derive(Debug)]
struct Report {
    guid: Guid,
    kept: u16,
    /// What all ultrapeers were told last.
    told: u16,
}

impl SearchReports {
    /// No search of ours runs.
    pub const fn new() -> Self {
        Self { searches: VecDeque::new() }
    }

    /// A search of ours begins. Where there are too many, the oldest is forgotten.
    pub fn start(&mut self, guid: Guid) {
        self.end(guid);
        if self.searches.len() >= OWN_SEARCHES_MAX {
            self.searches.pop_front();
        }
        self.searches.push_back(Report { guid, kept: 0, told: 0 });
    }

    /// So many more hits passed our filters. What comes back is to be told to all ultrapeers: every
    /// now and then a number, and at last that they should stop.
    pub fn kept(&mut self, guid: Guid, results: u32) -> Option<QueryStatus> {
        let report = self.searches.iter_mut().find(|report| report.guid == guid)?;
        let before = report.status();
        let results = u16::try_from(results).unwrap_or(u16::MAX);
        report.kept = report.kept.saturating_add(results);
        let is_news = report.kept.saturating_sub(report.told) >= REPORT_AFTER_RESULTS
            || report.status() == QueryStatus::STOP;
        if !is_news || before == QueryStatus::STOP {
            return None;
        }
        report.told = report.kept;
        Some(report.status())
    }

    /// An ultrapeer asks: BEAR/11 (VMSG-11). What comes back is the answer, for it alone. A search
    /// that is over needs no more.
    pub fn asked(&self, guid: Guid) -> QueryStatus {
        let report = self.searches.iter().find(|report| report.guid == guid);
        report.map_or(QueryStatus::STOP, Report::status)
    }

    /// A search of ours is over. What comes back is to be told to all ultrapeers.
    pub fn end(&mut self, guid: Guid) -> Option<QueryStatus> {
        let place = self.searches.iter().position(|report| report.guid == guid)?;
        self.searches.remove(place);
        self.searches.shrink_to_fit();
        Some(QueryStatus::STOP)
    }
}

impl Report {
    fn status(&self) -> QueryStatus {
        if u32::from(self.kept) >= OWN_RESULTS_WANTED {
            return QueryStatus::STOP;
        }
        QueryStatus { results: self.kept }
    }
}
