//! What the nodes of a net have told and been sent.

use filbert::gnutella::wire::{Frame, Function};
use filbert::node::{Event, SearchId};

use super::net::Net;

impl Net {
    /// The names that a search of a node has found.
    pub fn hits(&self, at: usize, search: SearchId) -> Vec<String> {
        let hits = self.places[at].events.iter().filter_map(|event| match event {
            Event::Hit { search: of, hit, .. } if *of == search => Some(hit),
            _ => None,
        });
        let names = hits.flat_map(|hit| &hit.records);
        names.map(|record| String::from_utf8(record.name.to_vec()).unwrap()).collect()
    }

    /// Why the searches of a node have ended, and with how many results.
    pub fn search_ends(&self, at: usize) -> Vec<(&'static str, u32)> {
        let ends = self.places[at].events.iter().filter_map(|event| match event {
            Event::SearchEnded { results, why, .. } => Some((*why, *results)),
            _ => None,
        });
        ends.collect()
    }

    /// The rules for which a node has struck others.
    pub fn strikes(&self, at: usize) -> Vec<&'static str> {
        let faults = self.places[at].events.iter().filter_map(|event| match event {
            Event::Struck { fault, .. } => Some(fault.rule().id()),
            _ => None,
        });
        faults.collect()
    }

    /// How many pushes a node has obeyed.
    pub fn pushed(&self, at: usize) -> usize {
        let events = self.places[at].events.iter();
        events.filter(|event| matches!(event, Event::Pushed(_))).count()
    }

    /// The frames of a function that a node was sent.
    pub fn frames(&self, at: usize, function: Function) -> Vec<&Frame> {
        let frames = self.places[at].received.iter().map(|(_, frame)| frame);
        frames.filter(|frame| frame.function == function).collect()
    }

    /// How many of them there are.
    pub fn received(&self, at: usize, function: Function) -> usize {
        self.frames(at, function).len()
    }
}
