//! What all connections share that ask for files.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use tokio::sync::{mpsc, watch};

use super::book::{Book, Told, base32};
use super::{Files, Wish};
use crate::base::time::Time;
use crate::control::desk::Desk as ControlDesk;
use crate::control::model::{Happening, Uploads as Shown};
use crate::gnutella::http::PushRequest;
use crate::gnutella::push_proxy::Requested;
use crate::index::files::FileId;
use crate::transfer::upload::{About, Counter, CounterOutput, Ended, Mesh, Terms, VisitId, World};

/// See the module.
pub(super) struct Shared {
    desk: Mutex<Desk>,
    files: RwLock<Arc<dyn Files>>,
    about: RwLock<Arc<About>>,
    busy: watch::Sender<bool>,
    wishes: mpsc::Sender<Wish>,
    control: ControlDesk,
}

/// What is changed by everybody, for moments only.
pub(super) struct Desk {
    pub(super) counter: Counter,
    pub(super) mesh: Mesh,
    pub(super) book: Book,
}

impl Shared {
    pub(super) fn new(
        counter: Counter,
        (files, about): (Arc<dyn Files>, About),
        (busy, wishes): (watch::Sender<bool>, mpsc::Sender<Wish>),
        control: ControlDesk,
    ) -> Self {
        let (mesh, book) = (Mesh::default(), Book::default());
        Self {
            desk: Mutex::new(Desk { counter, mesh, book }),
            files: RwLock::new(files),
            about: RwLock::new(Arc::new(about)),
            busy,
            wishes,
            control,
        }
    }

    pub(super) fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn files(&self) -> Arc<dyn Files> {
        Arc::clone(&self.files.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn set_files(&self, files: Arc<dyn Files>) {
        *self.files.write().unwrap_or_else(PoisonError::into_inner) = files;
    }

    pub(super) fn set_about(&self, about: About) {
        *self.about.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(about);
    }

    pub(super) fn set_terms(&self, terms: Terms) {
        let mut desk = self.desk();
        desk.counter.set_terms(terms);
        self.follow(&mut desk);
    }

    /// Hands a conversation what it needs.
    pub(super) fn with_world(&self, work: impl FnOnce(&mut World<'_>)) {
        let (files, about) = (self.files(), self.about());
        let mut desk = self.desk();
        let Desk { counter, mesh, .. } = &mut *desk;
        work(&mut World { shelf: files.shelf(), counter, mesh, about: &about });
        self.follow(&mut desk);
    }

    fn about(&self) -> Arc<About> {
        Arc::clone(&self.about.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// A part of a file goes to somebody.
    pub(super) fn begins(&self, visit: VisitId, file: FileId, now: Time) {
        let Some(item) = self.files().by_index(file.0) else { return };
        let (ended, begun) = self.desk().book.begin(visit, &item, now);
        if let Some(ended) = ended {
            self.tell_end(ended);
        }
        if let Some(Told { id, address, item, .. }) = begun {
            tracing::debug!(%address, file = item.id.0, "an upload begins");
            let (name, sha1) = (item.name.to_string(), base32(item.sha1));
            self.control.tell(Happening::UploadStarted {
                id,
                address,
                name,
                size: item.size,
                sha1,
            });
        }
    }

    pub(super) fn sent(&self, visit: VisitId, len: u64, now: Time) {
        let mut desk = self.desk();
        desk.counter.sent(visit, len);
        desk.book.sent(visit, len, now);
    }

    pub(super) fn held(&self, visit: VisitId, since: Time, now: Time) {
        if since < now {
            self.desk().counter.held(visit, since, now);
        }
    }

    /// A connection is gone.
    pub(super) fn gone(&self, visit: VisitId, now: Time) {
        let mut desk = self.desk();
        let told = desk.book.leave(visit);
        desk.counter.gone(visit, now);
        self.follow(&mut desk);
        drop(desk);
        if let Some(told) = told {
            self.tell_end(told);
        }
    }

    /// Time has passed. When it is to be told again.
    pub(super) fn tick(&self, now: Time) {
        let mut desk = self.desk();
        if desk.counter.next_timeout().is_some_and(|due| due <= now) {
            desk.counter.handle_timeout(now);
            self.follow(&mut desk);
        }
    }

    /// What the API shows.
    pub(super) fn shown(&self, now: Time) -> Shown {
        let desk = self.desk();
        let (counter, book) = (&desk.counter, &desk.book);
        Shown {
            slots: counter.terms().slots as u64,
            slots_taken: counter.serving() as u64,
            waiting: counter.waiting() as u64,
            totals: book.totals,
            uploads: book.uploads(now),
        }
    }

    /// Asks the node to pass a push on.
    pub(super) async fn pass_on(
        &self,
        request: PushRequest,
        (from, to): (IpAddr, SocketAddr),
    ) -> Requested {
        let (reply, answer) = tokio::sync::oneshot::channel();
        let wish = Wish::Push { request, from, to, reply };
        // A node that ends passes nothing on.
        let _ = self.wishes.send(wish).await;
        answer.await.unwrap_or(Requested::Gone)
    }

    fn follow(&self, desk: &mut Desk) {
        while let Some(output) = desk.counter.poll() {
            match output {
                CounterOutput::TakeBack { visit, why } => desk.book.take_back(visit, why),
                CounterOutput::Busy(is_busy) => {
                    self.busy.send_replace(is_busy);
                }
                CounterOutput::Call { to, id } => {
                    // Who is not called comes by itself, or has lost its interest.
                    let _ = self.wishes.try_send(Wish::Call { to, id });
                }
            }
        }
    }

    fn tell_end(&self, told: Told) {
        let Told { id, address, item, sent, why } = told;
        let why = why.map(|why| match why {
            Ended::Slow => "it was taken too slowly",
            Ended::Turn => "others waited for the slot",
        });
        tracing::debug!(%address, file = item.id.0, sent, why, "an upload has ended");
        let (name, why) = (item.name.to_string(), why.map(str::to_owned));
        let happening = Happening::UploadEnded { id, address, name, sent_bytes: sent, why };
        self.control.tell(happening);
    }
}
