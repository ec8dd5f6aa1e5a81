use std::collections::BTreeSet;

use crate::conform::Case;
use crate::node::Network;
use crate::specification::{Level, RequirementId, Specification};

/// Which requirements cases look at.
#[derive(Clone, Debug)]
pub struct Coverage {
    /// Each level of each network: how many are looked at, of how many.
    pub rows: Vec<(Network, Level, usize, usize)>,
    /// Those that have to be met and that no case looks at.
    pub missing: Vec<RequirementId>,
}

/// Holds cases against the specification.
pub fn coverage(cases: &[Case], specification: &Specification) -> Coverage {
    let cited: BTreeSet<_> = cases.iter().flat_map(|case| &case.requirements).collect();
    let (mut rows, mut missing) = (Vec::new(), Vec::new());
    for network in [Network::Gnutella, Network::FastTrack] {
        let is_its =
            |subject: &str| subject.starts_with("fasttrack/") == (network == Network::FastTrack);
        for level in Level::ALL {
            let all = specification.requirements();
            let all = all.filter(|(subject, one)| is_its(subject) && one.level == level);
            let (mut covered, mut count) = (0_usize, 0_usize);
            for (_, requirement) in all {
                count = count.saturating_add(1);
                if cited.contains(&requirement.id) {
                    covered = covered.saturating_add(1);
                } else if level == Level::Must {
                    missing.push(requirement.id.clone());
                }
            }
            rows.push((network, level, covered, count));
        }
    }
    Coverage { rows, missing }
}
