use super::agreement::{Agreement, Heads, NO_MODE, Side};
use super::handshake::{Failure, accepted, requested};
use super::objection::{objection_to_answer, objection_to_network};
use super::{Head, Role};
use crate::base::error::{Fault, Incompatible, Misbehaved, Rule};

const CUT: Misbehaved = Misbehaved { rule: Rule::new("HAND-01"), what: "a head is missing" };
const REFUSED: Incompatible =
    Incompatible { rule: Rule::new("HAND-58"), what: "the answer is a refusal" };
const REFUSED_AT_LAST: Incompatible =
    Incompatible { rule: Rule::new("HAND-77"), what: "the last head is a refusal" };
const CRAWLER: Incompatible =
    Incompatible { rule: Rule::new("HAND-54"), what: "a crawler wants no link" };

impl Agreement {
    /// What two others have agreed on, for whoever has overheard the heads of their handshake: the
    /// side that connected, and then the side that accepted, each as it sees the link itself.
    ///
    /// This is what their own links come to. The first head that leads no further says why.
    pub fn overheard(heads: &[Head]) -> Result<(Self, Self), Fault> {
        let mut heads = heads.iter();
        let mut next = || heads.next().ok_or(CUT);
        let request = requested(next()?).map_err(|failure| reason(&failure, REFUSED))?;
        check(objection_to_network(&request))?;
        if request.crawler.is_some() {
            return Err(CRAWLER.into());
        }
        let role = Role::from_ultrapeer(request.ultrapeer.ok_or(NO_MODE)?);
        let answer = accepted(next()?).map_err(|failure| reason(&failure, REFUSED))?;
        check(objection_to_answer(role, &answer))?;
        let last = accepted(next()?).map_err(|failure| reason(&failure, REFUSED_AT_LAST))?;
        let heads = Heads { request, answer, last };
        Ok((Self::of(heads.clone(), Side::Connecting)?, Self::of(heads, Side::Accepting)?))
    }
}

fn check(objection: Option<Failure>) -> Result<(), Fault> {
    objection.map_or(Ok(()), |failure| Err(reason(&failure, REFUSED)))
}

fn reason(failure: &Failure, refused: Incompatible) -> Fault {
    match failure {
        Failure::Declined(_) | Failure::Refused(_, None) => refused.into(),
        Failure::Broken(fault) | Failure::Refused(_, Some(fault)) => *fault,
    }
}
