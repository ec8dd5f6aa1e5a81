//! The cases that are under way.

use tokio::task::{Id, JoinSet};

use crate::conform::Outcome;

/// The cases that are under way, each by its place among all.
#[derive(Default)]
pub(super) struct Field {
    tasks: JoinSet<Outcome>,
    places: Vec<(Id, usize)>,
}

/// How a case has ended.
pub(super) struct Ended {
    pub(super) place: usize,
    pub(super) outcome: Outcome,
    /// What went wrong in the judge, if that is why.
    pub(super) fault: Option<String>,
}

impl Field {
    pub(super) fn is_empty(&self) -> bool {
        self.tasks.is_empty()
    }

    pub(super) fn begin(
        &mut self,
        place: usize,
        played: impl Future<Output = Outcome> + Send + 'static,
    ) {
        let task = self.tasks.spawn(played);
        self.places.push((task.id(), place));
    }

    /// The next case that ends; none where none is under way. Nothing is lost where nobody waits to the end.
    pub(super) async fn next(&mut self) -> Option<Ended> {
        loop {
            let (id, outcome, fault) = match self.tasks.join_next_with_id().await? {
                Ok((id, outcome)) => (id, outcome, None),
                Err(error) => {
                    let fault = format!("the judge itself has broken off here: {error}");
                    (error.id(), Outcome::not_run(&fault), Some(fault))
                }
            };
            // Nobody wants to hear of those that were stopped.
            if let Some(place) = self.places.iter().position(|(known, _)| *known == id) {
                let (_, place) = self.places.swap_remove(place);
                return Some(Ended { place, outcome, fault });
            }
        }
    }

    /// Stops them all; which they were.
    pub(super) fn stop(&mut self) -> Vec<usize> {
        self.tasks = JoinSet::new();
        self.places.drain(..).map(|(_, place)| place).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conform::Verdict;

    #[tokio::test]
    async fn a_case_in_which_the_judge_breaks_off_is_told_like_any_other() {
        let mut field = Field::default();
        field.begin(7, async { panic!("a bug") });
        let ended = field.next().await.unwrap();
        assert_eq!((ended.place, ended.outcome.verdict), (7, Verdict::NotRun));
        assert!(ended.fault.unwrap().contains("a bug"));
        assert!(field.next().await.is_none());
    }

    #[tokio::test]
    async fn those_that_are_stopped_are_named_once() {
        let mut field = Field::default();
        for place in [3, 4] {
            field.begin(place, std::future::pending());
        }
        assert_eq!(field.stop(), [3, 4]);
        assert!(field.is_empty() && field.next().await.is_none());
    }
}
