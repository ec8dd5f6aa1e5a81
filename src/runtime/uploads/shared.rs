//! What all connections share that ask for files.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use tokio::sync::{mpsc, watch};

use super::book::{Book, Told, base32};
use super::{Doing, Files, WISHES_MAX, Wish};
use crate::base::limits::{MESH_SWEEP_MS, RECORD_SOURCES_MAX};
use crate::base::time::Time;
use crate::control::desk::Desk as ControlDesk;
use crate::control::model::{Happening, Uploads as Shown};
use crate::gnutella::http::{AltHost, PushRequest, QueueCallback, QueueId};
use crate::gnutella::push_proxy::Requested;
use crate::index::files::FileId;
use crate::transfer::upload::{About, Counter, CounterOutput, Ended, Mesh, Terms, VisitId, World};

/// See the module.
pub(super) struct Shared {
    desk: Mutex<Desk>,
    files: RwLock<Arc<dyn Files>>,
    about: RwLock<Arc<About>>,
    doing: watch::Sender<Doing>,
    wishes: mpsc::Sender<Wish>,
    control: ControlDesk,
}

/// What is changed by everybody, for moments only.
pub(super) struct Desk {
    pub(super) counter: Counter,
    pub(super) mesh: Mesh,
    pub(super) book: Book,
    /// When it was last looked who has others' files no more.
    swept: Time,
}

impl Shared {
    pub(super) fn new(
        counter: Counter,
        (files, about): (Arc<dyn Files>, About),
        (doing, wishes): (watch::Sender<Doing>, mpsc::Sender<Wish>),
        control: ControlDesk,
    ) -> Self {
        let (mesh, book) = (Mesh::default(), Book::default());
        Self {
            desk: Mutex::new(Desk { counter, mesh, book, swept: Time::ZERO }),
            files: RwLock::new(files),
            about: RwLock::new(Arc::new(about)),
            doing,
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

    pub(super) fn set_terms(&self, terms: Terms, now: Time) {
        let mut desk = self.desk();
        desk.counter.set_terms(terms);
        self.follow(&mut desk, now);
    }

    /// Hands a conversation what it needs.
    pub(super) fn with_world(&self, now: Time, work: impl FnOnce(&mut World<'_>)) {
        let (files, about) = (self.files(), self.about());
        let mut desk = self.desk();
        let Desk { counter, mesh, .. } = &mut *desk;
        work(&mut World { shelf: files.shelf(), counter, mesh, about: &about });
        self.follow(&mut desk, now);
    }

    pub(super) fn about(&self) -> Arc<About> {
        Arc::clone(&self.about.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// A part of a file goes to somebody, from this byte on.
    pub(super) fn begins(&self, visit: VisitId, (file, at): (FileId, u64), now: Time) {
        let Some(item) = self.files().by_index(file.0) else { return };
        let (ended, begun) = self.desk().book.begin(visit, (&item, at), now);
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
        self.tell_doing(&desk);
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
        self.follow(&mut desk, now);
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
        }
        if desk.swept.after_ms(MESH_SWEEP_MS) <= now {
            desk.swept = now;
            desk.mesh.handle_timeout(now);
        }
        self.follow(&mut desk, now);
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

    fn follow(&self, desk: &mut Desk, now: Time) {
        while let Some(output) = desk.counter.poll() {
            match output {
                CounterOutput::TakeBack { visit, why } => desk.book.take_back(visit, why),
                CounterOutput::Call { to, id } => {
                    let Some(id) = QueueId::new(&id.to_string()) else { continue };
                    let callback = QueueCallback { id, address: self.about().node };
                    // Who is not called comes by itself, or has lost its interest.
                    let _ = self.wishes.try_send(Wish::Call { to, callback });
                }
            }
        }
        // What finds no room is told the next time. Half of it is left to those who have no next time.
        while self.wishes.capacity() > WISHES_MAX / 2
            && let Ok(room) = self.wishes.try_reserve()
            && let Some(sha1) = desk.mesh.next_changed()
        {
            let v4 = |host: AltHost| match host.address {
                SocketAddr::V4(address) => Some(address),
                SocketAddr::V6(_) => None,
            };
            let believed = desk.mesh.believed(&sha1, now).filter_map(v4);
            let sources = believed.take(RECORD_SOURCES_MAX).collect();
            room.send(Wish::NameSources { sha1, sources });
        }
        self.tell_doing(desk);
    }

    fn tell_doing(&self, desk: &Desk) {
        let doing = Doing {
            is_busy: desk.counter.is_busy(),
            has_uploaded: desk.book.totals.finished > 0,
            speed_kbits: desk.book.speed_kbits(),
        };
        self.doing.send_if_modified(|known| std::mem::replace(known, doing) != doing);
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

#[cfg(test)]
mod tests;
