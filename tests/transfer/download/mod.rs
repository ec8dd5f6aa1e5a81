//! One file on its way to us, against sources and disks that are made up.

mod alone;
mod conduct;
mod denied;
mod disk;
mod failing;
mod forgetting;
mod hostile;
mod kazaa;
mod kazaa_words;
mod kills;
mod naming;
mod overhead;
mod parts;
mod queues;
mod reaching;
mod real_answers;
mod reply;
mod sizes;
mod slowness;
mod swarm;
mod trees;
mod word;
