use std::sync::{Mutex, PoisonError};

use tokio::sync::Notify;

/// The newest of something, which is taken by one.
#[derive(Debug)]
pub(super) struct Newest<T> {
    value: Mutex<Option<T>>,
    is_there: Notify,
}

impl<T> Default for Newest<T> {
    fn default() -> Self {
        Self { value: Mutex::new(None), is_there: Notify::new() }
    }
}

impl<T> Newest<T> {
    /// Replaces what nobody has taken.
    pub(super) fn put(&self, value: T) {
        let before = self.value.lock().unwrap_or_else(PoisonError::into_inner).replace(value);
        self.is_there.notify_one();
        // Not under the lock: it may be large.
        drop(before);
    }

    /// Waits for it.
    pub(super) async fn take(&self) -> T {
        loop {
            let value = self.value.lock().unwrap_or_else(PoisonError::into_inner).take();
            if let Some(value) = value {
                return value;
            }
            self.is_there.notified().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::task::{Context, Poll, Waker};

    use super::*;

    #[test]
    fn the_newest_is_taken_once() {
        let newest = Newest::default();
        let mut context = Context::from_waker(Waker::noop());
        let mut take = || std::pin::pin!(newest.take()).poll(&mut context);
        assert_eq!(take(), Poll::Pending);
        newest.put(1);
        newest.put(2);
        assert_eq!((take(), take()), (Poll::Ready(2), Poll::Pending));
    }
}
