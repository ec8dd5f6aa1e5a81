//! Arbitrary lives of a node, a few hundred each time; fuzzing goes on where this ends.

use filbert::fuzzing;
use proptest::prelude::*;

use crate::support::properties::cases;

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn a_node_keeps_its_contract_its_routes_and_its_limits(
        input in proptest::collection::vec(any::<u8>(), 0..1_500),
    ) {
        fuzzing::run("node", &input);
    }
}
