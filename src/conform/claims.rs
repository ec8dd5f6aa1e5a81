//! Which case has drawn which descriptor ID.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use serde_json::Value;

use crate::base::limits::CASE_GUIDS_MAX;
use crate::gnutella::wire::Guid;

/// The descriptor IDs that cases have drawn. Cases that are played at the same time hear of each other through the
/// subject; what comes with the ID of another one is not for them.
#[derive(Clone, Debug, Default)]
pub struct Claims(Arc<Mutex<Ledger>>);

/// Whose an ID is, and which one was noted first.
#[derive(Debug, Default)]
struct Ledger {
    owners: BTreeMap<String, u64>,
    order: VecDeque<String>,
}

impl Claims {
    /// This case has drawn this ID.
    pub(crate) fn claim(&self, guid: Guid, case: u64) {
        let guid = data_encoding::HEXLOWER.encode(&guid.0);
        let Ok(mut ledger) = self.0.lock() else { return };
        if ledger.owners.contains_key(&guid) {
            return;
        }
        ledger.owners.insert(guid.clone(), case);
        ledger.order.push_back(guid);
        if ledger.order.len() > CASE_GUIDS_MAX
            && let Some(oldest) = ledger.order.pop_front()
        {
            ledger.owners.remove(&oldest);
        }
    }

    /// Whether a message is the business of another case.
    pub(crate) fn is_foreign(&self, message: &Value, case: u64) -> bool {
        let Some(guid) = message.get("guid").and_then(Value::as_str) else { return false };
        let Ok(ledger) = self.0.lock() else { return false };
        ledger.owners.get(guid).is_some_and(|owner| *owner != case)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn numbered(number: usize) -> Guid {
        Guid(u128::try_from(number).unwrap().to_be_bytes())
    }

    fn message(number: usize) -> Value {
        json!({ "type": "query", "guid": data_encoding::HEXLOWER.encode(&numbered(number).0) })
    }

    #[test]
    fn what_another_case_has_drawn_is_foreign() {
        let claims = Claims::default();
        claims.claim(numbered(1), 7);
        claims.claim(numbered(1), 8);
        assert!(!claims.is_foreign(&message(1), 7));
        assert!(claims.clone().is_foreign(&message(1), 8), "the first has it");
        assert!(!claims.is_foreign(&message(2), 8), "that is the subject's own");
        assert!(!claims.is_foreign(&json!({ "type": "head" }), 8));
    }

    #[test]
    fn so_many_are_remembered_and_then_the_oldest_is_forgotten() {
        let claims = Claims::default();
        (0..CASE_GUIDS_MAX).for_each(|number| claims.claim(numbered(number), 1));
        assert!(claims.is_foreign(&message(0), 2));
        claims.claim(numbered(CASE_GUIDS_MAX), 1);
        assert!(!claims.is_foreign(&message(0), 2) && claims.is_foreign(&message(1), 2));
    }
}
