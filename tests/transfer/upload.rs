//! Files on their way to others.

mod alternates;
mod answers;
mod fairness;
mod hostile;
mod kazaa;
mod lists;
mod names;
mod patience;
mod queues;
mod real_requests;
mod scene;
mod slots;
