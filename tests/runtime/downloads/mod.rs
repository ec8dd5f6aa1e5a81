//! Files that are fetched over real connections onto a real disk.

mod answers;
mod disk;
mod failing;
mod killed;
mod scene;
mod source;
mod steering;
mod turns;
