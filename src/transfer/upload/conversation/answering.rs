//! What is answered to a request.

use bytes::Bytes;

use super::listing::Listing;
use super::tongue::Tongue;
use super::{Body, Conversation, Output, Phase, Plan, World, heads};
use crate::base::limits::{QUEUE_STAYS_MAX, QUICK_LEN_MAX, QUICK_TIMEOUT_MS, VISIT_IDLE_MS};
use crate::base::mutant::mutant;
use crate::base::ranges::ByteRange;
use crate::base::time::Time;
use crate::base::urn::Urn;
use crate::gnutella::http::thex::TreeRows;
use crate::gnutella::http::{
    AltHost, Alternates, Form, Method, NodeAddress, OwnHead, PushRequest, Request, Status, Target,
};
use crate::gnutella::push_proxy::Requested;
use crate::transfer::upload::counter::{Ask, Manner, Refusal, Verdict, Waiting};
use crate::transfer::upload::shelf::Item;

/// Seconds after which somebody may ask again for a file that could not be opened.
const OPEN_AGAIN_S: u32 = 60;

impl Conversation {
    /// Answers a request, or begins to.
    pub(super) fn answer(&mut self, request: &Request, world: &mut World<'_>, now: Time) {
        let ip = self.address.ip();
        self.tongue = Tongue::of(&request.target);
        self.has_asked |= !matches!(request.target, Target::PushProxy(_) | Target::Other(_));
        if !world.counter.serves(self.visit) && !world.counter.hear(ip, now) {
            let head = self.signed(heads::refused(Refusal::TooOften, world.about), world.about);
            return self.send(&head, Body::Nothing, false, now);
        }
        let keeps = request.keeps_connection();
        match &request.target {
            Target::ByUrn(urn) => self.answer_file(world.shelf.by_urn(urn), request, world, now),
            Target::ByUuHash(hash) => {
                self.answer_file(Self::by_uuhash(hash, world), request, world, now);
            }
            Target::ByIndex { index, name } => {
                let is_it = |item: &Item| *item.name == **name || mutant!(GivesByNumberAlone);
                let item = world.shelf.by_index(*index).filter(is_it);
                if item.is_none() {
                    return self.answer_name(name, request, world, now);
                }
                self.answer_file(item, request, world, now);
            }
            Target::TreeOf(urn) => self.ask_tree(urn, request, world, now),
            Target::Browse => self.answer_list(request, world, now),
            Target::PushProxy(push) => self.pass_on(*push, request, world, now),
            Target::Other(_) => self.refuse(Status::NOT_FOUND, keeps, world, now),
        }
    }

    pub(super) fn answer_file(
        &mut self,
        item: Option<Item>,
        request: &Request,
        world: &mut World<'_>,
        now: Time,
    ) {
        let keeps = request.keeps_connection();
        let Some(item) = item else { return self.refuse(Status::NOT_FOUND, keeps, world, now) };
        let others = self.exchange_others(&item, request, world, now);
        let Some((range, is_part)) = range_of(&item, request) else {
            self.in_vain = self.in_vain.saturating_add(1);
            let head = self.head_of_nothing(&item, world.about, keeps);
            return self.send(&head, Body::Nothing, keeps, now);
        };
        let plan = Plan { item, range, is_part, keeps, others };
        if request.method == Method::Head && !mutant!(GivesBodiesToHead) {
            let head = self.introduced(self.head_of_file(&plan, world.about), world);
            return self.send(&head, Body::Nothing, keeps, now);
        }
        if self.may_have(&plan, request, world, now) {
            self.in_vain = 0;
            self.deadline = Some(now.after_ms(QUICK_TIMEOUT_MS));
            self.out.push_back(Output::Open(plan.item.id));
            self.phase = Phase::Opening(Box::new(plan));
        }
    }

    /// Gives a slot, or says that there is none.
    fn may_have(
        &mut self,
        plan: &Plan,
        request: &Request,
        world: &mut World<'_>,
        now: Time,
    ) -> bool {
        let address = self.address.ip();
        if plan.item.size <= QUICK_LEN_MAX && world.counter.ask_quick(self.visit, address) {
            return true;
        }
        let manner = self.manner_of(request);
        let ask = Ask { visit: self.visit, address, file: plan.item.id, manner };
        match world.counter.ask(&ask, now) {
            Verdict::Serve => return true,
            Verdict::Wait(waiting) => self.queue(&waiting, manner, plan.keeps, world, now),
            Verdict::Refuse(refusal) => {
                let head = heads::refused(refusal, world.about);
                let head = self.introduced(head, world);
                self.send(&head, Body::Nothing, false, now);
            }
        }
        false
    }

    fn queue(
        &mut self,
        waiting: &Waiting,
        manner: Manner,
        keeps: bool,
        world: &mut World<'_>,
        now: Time,
    ) {
        let is_numbered = matches!(manner, Manner::Numbered { .. });
        let is_near = waiting.position <= QUEUE_STAYS_MAX;
        let stays = manner == Manner::Stays || keeps && is_numbered && is_near;
        let head = match self.tongue {
            Tongue::Kazaa(_) => heads::later(waiting.poll_min_s, world.about, stays),
            Tongue::Gnutella => heads::waiting(waiting, (is_numbered, stays), world.about),
        };
        let head = self.introduced(head, world);
        self.send(&head, Body::Nothing, stays, now);
        // It says nothing until it asks again.
        let idle_ms = u64::from(waiting.poll_max_s).saturating_mul(1_000);
        self.phase = Phase::Answering { keeps: stays, idle_ms };
    }

    /// The file is open, or is no longer what was shared (UPLOAD-16).
    pub(super) fn opened(&mut self, is_open: bool, world: &mut World<'_>, now: Time) {
        let Phase::Opening(plan) = &self.phase else { return };
        let (file, range, keeps) = (plan.item.id, plan.range, plan.keeps);
        if !is_open {
            return self.refuse(self.gone(), keeps, world, now);
        }
        let head = self.head_of_file(plan, world.about);
        let head = self.introduced(head, world);
        let body = if range.is_empty() { Body::Nothing } else { Body::File { file, range } };
        self.send(&head, body, keeps, now);
        if world.counter.serves(self.visit) {
            // Whether it is fast enough is seen there.
            self.deadline = None;
        }
    }

    /// The file may be open another time (UPLOAD-16).
    pub(super) fn not_now(&mut self, world: &World<'_>, now: Time) {
        let Phase::Opening(plan) = &self.phase else { return };
        let keeps = plan.keeps;
        self.in_vain = self.in_vain.saturating_add(1);
        let head = heads::later(OPEN_AGAIN_S, world.about, keeps);
        let head = self.signed(head, world.about);
        self.send(&head, Body::Nothing, keeps, now);
    }

    fn ask_tree(&mut self, urn: &Urn, request: &Request, world: &mut World<'_>, now: Time) {
        let keeps = request.keeps_connection();
        let Some(item) = world.shelf.by_urn(urn).filter(|item| item.tiger_root.is_some()) else {
            return self.refuse(Status::NOT_FOUND, keeps, world, now);
        };
        if !world.counter.ask_quick(self.visit, self.address.ip()) {
            let head = heads::refused(Refusal::TooOften, world.about);
            return self.send(&head, Body::Nothing, false, now);
        }
        self.deadline = Some(now.after_ms(QUICK_TIMEOUT_MS));
        self.phase = Phase::ReadingTree { method: request.method, keeps };
        self.out.push_back(Output::ReadTree(item.id));
    }

    pub(super) fn answer_tree(&mut self, rows: Option<TreeRows>, world: &World<'_>, now: Time) {
        let Phase::ReadingTree { method, keeps } = self.phase else { return };
        let Some(rows) = rows else { return self.refuse(Status::NOT_FOUND, keeps, world, now) };
        let body = rows.encode();
        let head = heads::whole("application/dime", body.len(), world.about, keeps);
        let head = self.introduced(head, world);
        let body = if method == Method::Get { Body::Bytes(body) } else { Body::Nothing };
        self.send(&head, body, keeps, now);
    }

    fn answer_list(&mut self, request: &Request, world: &mut World<'_>, now: Time) {
        let Some(form) = request.browse_form() else {
            return self.refuse(Status::NOT_ACCEPTABLE, request.keeps_connection(), world, now);
        };
        let head = heads::endless(form.content_type(), world.about);
        if request.method == Method::Head {
            let head = self.introduced(head, world);
            return self.send(&head, Body::Nothing, false, now);
        }
        if !world.counter.ask_list(self.visit, self.address.ip(), now) {
            let head = heads::refused(Refusal::TooOften, world.about);
            return self.send(&head, Body::Nothing, false, now);
        }
        let listing = Listing::new(form, request);
        let head = head.with_some("Content-Encoding", listing.encoding());
        let head = self.introduced(head, world);
        self.send(&head, Body::Nothing, false, now);
        self.phase = Phase::Listing(Box::new(listing));
    }

    /// Somebody wants one of our leaves to call it (PUSH-12: it names itself, and nobody else).
    fn pass_on(&mut self, push: PushRequest, request: &Request, world: &World<'_>, now: Time) {
        let keeps = request.keeps_connection();
        let Some(NodeAddress(to)) = NodeAddress::of(&request.head) else {
            return self.refuse(Status::BAD_REQUEST, keeps, world, now);
        };
        if to.ip() != self.address.ip() {
            return self.refuse(Status::BAD_REQUEST, keeps, world, now);
        }
        self.deadline = Some(now.after_ms(QUICK_TIMEOUT_MS));
        self.phase = Phase::Pushing { keeps };
        self.out.push_back(Output::Push { request: push, to });
    }

    pub(super) fn pushed(&mut self, outcome: Requested, world: &World<'_>, now: Time) {
        let Phase::Pushing { keeps } = self.phase else { return };
        let refusal = match outcome {
            Requested::Passed => None,
            Requested::Gone => Some(Status::GONE),
            Requested::Unfit => Some(Status::BAD_REQUEST),
            Requested::TooMany => Some(Status::BUSY),
        };
        if let Some(status) = refusal {
            return self.refuse(status, keeps, world, now);
        }
        let head = heads::plain(Status::ACCEPTED, world.about, keeps);
        self.send(&head, Body::Nothing, keeps, now);
    }

    /// Takes in who else has the file, and tells it of those whom we know.
    fn exchange_others(
        &self,
        item: &Item,
        request: &Request,
        world: &mut World<'_>,
        now: Time,
    ) -> Vec<AltHost> {
        let sha1 = item.sha1.as_ref().filter(|_| self.tongue == Tongue::Gnutella);
        let Some(sha1) = sha1 else { return Vec::new() };
        let told = Alternates::of(&request.head, sha1);
        let teller = self.teller(world.about);
        world.mesh.learn(sha1, &told, &teller, now);
        if item.parts.is_some() {
            // What it says of others may send us to a victim (UPLOAD-24).
            let own = told.hosts.iter().filter(|host| teller.names_itself(host.address));
            own.take(1).for_each(|host| world.shelf.hear_of(item.id, *host));
        }
        let known = world.mesh.tell(sha1, self.address, now);
        known.into_iter().filter(|host| !told.hosts.contains(host)).collect()
    }

    pub(super) fn send(&mut self, head: &OwnHead, body: Body, keeps: bool, now: Time) {
        let head: Bytes = head.to_bytes();
        self.deadline = Some(now.after_ms(QUICK_TIMEOUT_MS));
        self.phase = Phase::Answering { keeps, idle_ms: VISIT_IDLE_MS };
        self.out.push_back(Output::Answer { head, body });
    }
}

/// The part of a file that is asked for, as far as it is there, and whether it is named a part; nothing where
/// its beginning is not there, or nobody has asked for a part of what is not whole (UPLOAD-17).
fn range_of(item: &Item, request: &Request) -> Option<(ByteRange, bool)> {
    let whole = ByteRange::new(0, item.size);
    let asked = request.range().map_or(Some(whole), |range| range.within(item.size))?;
    let has_range = request.range().is_some();
    let Some(parts) = &item.parts else { return Some((asked, has_range)) };
    let held = parts.within(asked).next().filter(|held| has_range && held.start == asked.start)?;
    Some((held, true))
}
