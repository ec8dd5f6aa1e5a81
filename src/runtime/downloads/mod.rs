//! Files on their way to us, over real connections and onto a real disk.
//!
//! ```text
//! API ─► Downloads ─► Task ◄─► transfer::download::Download      one task a file
//!                      │ ├──► Connection ◄─► source               one task a source
//!                      │ └──► Disk                                a thread while there is work
//!                      └────► searches, events
//! ```
//!
//! | module | what it is |
//! |---|---|
//! | `task` | the task of one file |
//! | `shared` | what the tasks of all files share |
//! | `table` | all files, those that are over among them |
//! | `lines` | the connections of one file, as its task knows them |
//! | `offering` | what is proved right goes to others while the rest comes |
//! | `taking_turns` | so many files are fetched at a time |
//! | `showing` | how far it is, for people |
//! | `connection` | the task of one source |
//! | `arriving` | servents that call us because we have asked them to, or because it is our turn |
//! | `pushing` | having servents call us that we cannot call |
//! | `gives` | having nodes of FastTrack call us |
//! | `disk` | part file, journal, the last name |
//! | `left_over` | what earlier runs have left |
//! | `seeking` | searches for sources |
//! | `wanted` | links and hits -> what to fetch |
//! | `throttle` | how much may be received |

mod arriving;
mod connection;
mod disk;
mod gives;
mod left_over;
mod lines;
mod offering;
mod pushing;
mod seeking;
mod shared;
mod showing;
mod table;
mod taking_turns;
mod task;
mod throttle;
mod wanted;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use disk::UNFINISHED;
pub use gives::KazaaPush;
pub use pushing::Push;
pub use wanted::Wanted;

use crate::control::desk::{Desk, Refusal};
use crate::control::model;
use crate::fasttrack::peer::NoPush;
use crate::gnutella::push_proxy::SourceCalls;
use crate::runtime::engine::{Arrival, Lines};
use crate::runtime::uploads::Unfinished;
use crate::transfer::download::{Download, Finding, KnownBy, Manners, Rules, State, Turns};
use gives::KazaaPushes;
use shared::Shared;
use table::{Handle, Table};
use task::{Order, Task};
use throttle::Throttle;

/// How long the disk may take at the end.
const END_TIMEOUT: Duration = Duration::from_secs(2);

/// Orders that wait for one download at most.
const ORDERS_MAX: usize = 64;

/// What downloads are made from.
pub struct Plan {
    /// Where files go when they are whole.
    pub folder: PathBuf,
    pub rules: Rules,
    /// What is said with each request, until [`Downloads::stand`] says otherwise.
    pub manners: Manners,
    /// By which sources are called.
    pub lines: Lines,
    /// What is proved right of a file is put there.
    pub unfinished: Unfinished,
    pub seed: u64,
    /// Whom to ask for searches, and where to tell what happens.
    pub desk: Desk,
}

/// All files that are on their way to us.
#[derive(Clone)]
pub struct Downloads(Arc<Shared>);

impl Downloads {
    /// Goes on with what earlier runs have left.
    ///
    /// Returned with it is whom to push: the node knows the ways, and says to [`push_sent`](Self::push_sent)
    /// how many there were.
    pub async fn start(plan: Plan) -> (Self, mpsc::Receiver<Push>) {
        let (pushes, pushed) = mpsc::channel(ORDERS_MAX);
        let Plan { folder, rules, manners, lines, unfinished, seed, desk } = plan;
        let rng = ChaCha8Rng::seed_from_u64(seed);
        let downloads = Self(Arc::new(Shared {
            folder: folder.clone(),
            rules,
            manners: Mutex::new(Arc::new(manners)),
            lines,
            unfinished,
            turns: watch::Sender::new(Turns::default()),
            desk,
            throttle: Arc::new(Throttle::new()),
            calls: Mutex::new(SourceCalls::new(false)),
            awaited: Mutex::default(),
            pushing: Mutex::default(),
            pushes,
            gives: Mutex::default(),
            kazaa_pushes: KazaaPushes::new(),
            start: Instant::now(),
            end: CancellationToken::new(),
            tasks: TaskTracker::new(),
            table: Mutex::new(Table { rng, last: 0, files: BTreeMap::new() }),
            at_files: Mutex::default(),
            promises: disk::Promises::default(),
        }));
        let left = tokio::task::spawn_blocking(move || left_over::left_over(&folder)).await;
        for recovered in left.unwrap_or_default() {
            let known_by = recovered.intent.known_by;
            let again = |rules, rng: &mut _| Download::resume(recovered, rules, rng);
            downloads.begin(&mut downloads.0.table(), known_by, Vec::new(), again);
        }
        (downloads, pushed)
    }

    /// What is said of ourselves from now on, with connections that begin.
    pub fn stand(&self, manners: Manners) {
        *self.0.manners.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(manners);
    }

    /// A push has gone so many ways.
    pub fn push_sent(&self, request: u64, ways: usize) {
        self.0.pushing().sent(request, ways);
    }

    /// Which nodes of FastTrack are to call us: for one listener, who sends the pushes. As long as there is none, whoever
    /// cannot be called is not reached.
    pub fn kazaa_pushes(&self) -> Option<mpsc::Receiver<KazaaPush>> {
        self.0.kazaa_pushes.listen()
    }

    /// A push of FastTrack was sent, and is answered by this number; or it was not sent.
    pub fn kazaa_push_sent(&self, request: u64, outcome: Result<u32, NoPush>) {
        self.0.push_numbered(request, outcome);
    }

    /// Somebody calls us with `GIV`, `QUEUE` or `GIVE`: one that we have asked to, or in whose queue we are; or a
    /// stranger, who is not listened to.
    pub fn came(&self, arrival: Arrival) {
        let (shared, end) = (Arc::clone(&self.0), self.0.end.clone());
        self.0.tasks.spawn(async move {
            tokio::select! {
                () = end.cancelled() => {}
                () = shared.welcome(arrival) => {}
            }
        });
    }

    /// Fetches a file. One that is on its way already gets the sources beside those that it has.
    pub fn add(&self, wanted: Wanted) -> Result<model::Download, Refusal> {
        let Wanted { intent, findings } = wanted;
        let known_by = intent.known_by;
        // Looked for and begun under one lock: two who want the same at once get one download.
        let mut table = self.0.table();
        if let Some(running) = table.running(&known_by) {
            self.0.tasks.spawn(go_on_with(running.orders.clone(), findings));
            return Ok(running.view.borrow().clone());
        }
        if !table.make_room() {
            let why = "too many files are on their way: cancel some of them first";
            return Err(Refusal::Unavailable(why.to_owned()));
        }
        let make = |rules, rng: &mut _| Download::new(intent, rules, rng);
        Ok(self.begin(&mut table, known_by, findings, make))
    }

    /// All, in the order in which they came.
    pub fn all(&self) -> Vec<model::Download> {
        self.0.table().files.values().map(|handle| handle.view.borrow().clone()).collect()
    }

    /// One of them.
    pub fn one(&self, id: u64) -> Result<model::Download, Refusal> {
        let table = self.0.table();
        table.files.get(&id).map(|handle| handle.view.borrow().clone()).ok_or_else(|| missing(id))
    }

    /// Has one wait.
    pub async fn pause(&self, id: u64) -> Result<model::Download, Refusal> {
        self.order(id, Order::Pause).await
    }

    /// Has one go on.
    pub async fn resume(&self, id: u64) -> Result<model::Download, Refusal> {
        self.order(id, Order::Resume).await
    }

    /// Ends one, and forgets it. What is whole stays.
    pub async fn cancel(&self, id: u64) -> Result<(), Refusal> {
        let view = self.one(id)?;
        if !view.is_over() {
            self.order(id, Order::Cancel).await?;
        }
        self.0.table().files.remove(&id);
        Ok(())
    }

    /// All together may receive no more than this.
    pub fn limit(&self, bytes_per_s: Option<u64>) {
        self.0.throttle.set(bytes_per_s);
    }

    /// Says to the disks what is to be said, and ends.
    pub async fn end(self) {
        self.0.end.cancel();
        self.0.tasks.close();
        // What hangs then ends with the program, and the journals say how far it was.
        let _ = tokio::time::timeout(END_TIMEOUT, self.0.tasks.wait()).await;
    }

    async fn order(&self, id: u64, order: Order) -> Result<model::Download, Refusal> {
        let handle = self
            .0
            .table()
            .files
            .get(&id)
            .map(|handle| (handle.orders.clone(), handle.view.clone()));
        let Some((orders, mut view)) = handle else { return Err(missing(id)) };
        view.mark_unchanged();
        if orders.send(order).await.is_ok() {
            // It says what has become of it, unless there was nothing to do.
            let _ = tokio::time::timeout(Duration::from_secs(2), view.changed()).await;
        }
        let view = view.borrow().clone();
        Ok(view)
    }

    fn begin(
        &self,
        table: &mut Table,
        known_by: KnownBy,
        findings: Vec<Finding>,
        make: impl FnOnce(Rules, &mut ChaCha8Rng) -> Download,
    ) -> model::Download {
        table.last = table.last.saturating_add(1);
        let id = table.last;
        let mut rng = ChaCha8Rng::from_rng(&mut table.rng);
        let download = make(self.0.rules.clone(), &mut rng);
        let (orders, orders_receiver) = mpsc::channel(ORDERS_MAX);
        if *download.state() == State::Fetching {
            self.0.turns.send_modify(|turns| {
                turns.ask(id);
            });
        }
        let (task, view) = Task::new(id, download, Arc::clone(&self.0), rng);
        self.0.tasks.spawn(task.run(orders_receiver, findings));
        let shown = view.borrow().clone();
        table.files.insert(id, Handle { known_by, orders, view });
        shown
    }
}

/// Somebody wants what is on its way already, and knows these sources of it.
async fn go_on_with(orders: mpsc::Sender<Order>, findings: Vec<Finding>) {
    for order in findings.into_iter().map(Order::Found).chain([Order::Resume]) {
        // It may have come to its end by now.
        if orders.send(order).await.is_err() {
            return;
        }
    }
}

fn missing(id: u64) -> Refusal {
    Refusal::NotFound(format!("there is no download {id}; see the list of downloads"))
}

#[cfg(test)]
mod tests;
