use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::guard::Names;
use super::limits::Limits;
use crate::control::credentials::Token;
use crate::control::desk::{Desk, Reply, Request};
use crate::control::model::Problem;

/// What every handler needs.
pub(super) struct App {
    pub(super) desk: Desk,
    pub(super) token: Token,
    pub(super) names: Names,
    pub(super) limits: Limits,
    /// A permit for each stream of events.
    pub(super) watchers: Arc<Semaphore>,
    pub(super) shutdown: CancellationToken,
}

/// As handlers take it.
pub(super) type Shared = axum::extract::State<Arc<App>>;

impl App {
    pub(super) fn new(
        desk: Desk,
        token: Token,
        names: Names,
        limits: Limits,
        shutdown: CancellationToken,
    ) -> Self {
        let watchers = Arc::new(Semaphore::new(limits.watchers_max));
        Self { desk, token, names, limits, watchers, shutdown }
    }

    /// Asks the node, which has its time to answer.
    pub(super) async fn ask<T>(
        &self,
        request: impl FnOnce(Reply<T>) -> Request,
    ) -> Result<T, Problem> {
        match timeout(self.limits.answer_timeout, self.desk.ask(request)).await {
            Ok(answer) => Ok(answer?),
            Err(_) => Err(Problem::unavailable("the node is too busy to answer: try again later")),
        }
    }
}
