//! Remembering: each expression is evaluated once, as a rule.
//!
//! What a cycle, or the end of depth or fuel, cut off is remembered only until what is being
//! evaluated around it is done: from elsewhere more of it can be seen.

use std::rc::Rc;

use super::{Analysis, File, MOST_DEPTH};
use crate::scan::facts::ExprId;
use crate::scan::value::{FileId, Values};

/// How often what was cut off by a cycle is evaluated again.
const MOST_TRIES: u8 = 1;
/// Stands beside the number of tries of a call of which it was noted what it calls.
const IS_SITE: u8 = 0x80;

/// What is known of an expression.
#[derive(Debug, Clone, Default)]
pub(super) enum Memo {
    #[default]
    Empty,
    /// Being evaluated, at this depth.
    Busy(u32),
    /// Cut off by a cycle that is still open, from this depth on.
    Partial(Values, u32),
    Done(Values),
}

impl File {
    /// Forgets of which calls it was noted what they call.
    pub(super) fn forget_sites(&mut self) {
        self.tries.iter_mut().for_each(|tries| *tries &= !IS_SITE);
    }
}

impl Analysis {
    /// Tells whether it is to be noted what a call calls: once, when all of it is known.
    pub(super) fn note_site(&mut self, file: FileId, id: ExprId, callee: ExprId) -> bool {
        let is_settled = matches!(self.memo(file, callee), Some(Memo::Done(_)));
        let file = self.files.get_mut(file.position());
        let Some(tries) = file.and_then(|file| file.tries.get_mut(id.position())) else {
            return false;
        };
        let is_new = *tries & IS_SITE == 0;
        if is_settled {
            *tries |= IS_SITE;
        }
        is_new
    }

    pub(super) fn memo(&mut self, file: FileId, id: ExprId) -> Option<&mut Memo> {
        if let Some(frame) = self.frames.last_mut() {
            return Some(frame.memo.entry((file, id)).or_default());
        }
        self.files.get_mut(file.position())?.memo.get_mut(id.position())
    }

    /// Returns what an expression can stand for.
    pub(super) fn evaluate(&mut self, file: FileId, id: ExprId) -> Values {
        match self.memo(file, id) {
            Some(Memo::Done(values)) => return Rc::clone(values),
            Some(Memo::Busy(depth)) => {
                let depth = *depth;
                self.low = self.low.min(depth);
                return Rc::clone(&self.nothing);
            }
            Some(Memo::Partial(values, depth)) => {
                let (values, depth) = (Rc::clone(values), *depth);
                self.low = self.low.min(depth);
                return values;
            }
            Some(Memo::Empty) | None => {}
        }
        // Nothing that this goes into is settled: from elsewhere there may be room for it. Who is out
        // of fuel may only have followed a call for too long.
        if self.fuel == 0 {
            self.low = 0;
            return Rc::clone(&self.unknown);
        }
        if self.depth >= MOST_DEPTH {
            self.low = 0;
            return self.give_up(file);
        }
        self.fuel -= 1;
        let depth = self.depth;
        if let Some(memo) = self.memo(file, id) {
            *memo = Memo::Busy(depth);
        }
        let outer_low = std::mem::replace(&mut self.low, u32::MAX);
        let outer_here = std::mem::replace(&mut self.here, (file, id));
        let opened = self.partial.len();
        self.depth += 1;
        let values = self.compute(file, id);
        self.spend_on_new(&values);
        let values = self.shared.share(values);
        self.depth -= 1;
        self.here = outer_here;
        let low = std::mem::replace(&mut self.low, outer_low);
        if low >= depth {
            self.remember(file, id, Memo::Done(Rc::clone(&values)));
            self.close(opened);
        } else {
            // A cycle that is still open cut this off: for now it is all that is known.
            self.remember(file, id, Memo::Partial(Rc::clone(&values), low));
            self.partial.push((file, id, self.frames.len()));
            self.low = self.low.min(low);
        }
        values
    }

    fn remember(&mut self, file: FileId, id: ExprId, memo: Memo) {
        if let Some(place) = self.memo(file, id) {
            *place = memo;
        }
    }

    /// A cycle is closed: what it cut off is evaluated again when it is asked for, a few times.
    fn close(&mut self, opened: usize) {
        for (file, id, frames) in self.partial.split_off(opened) {
            if frames == 0 {
                self.close_outside(file, id);
            } else if frames == self.frames.len()
                && let Some(place) = self.memo(file, id)
                && let Memo::Partial(values, _) = place
            {
                *place = Memo::Done(Rc::clone(values));
            }
        }
    }

    /// The same for what does not belong to a call that is followed, whether or not one is.
    fn close_outside(&mut self, file: FileId, id: ExprId) {
        let Some(file) = self.files.get_mut(file.position()) else { return };
        let places = (file.tries.get_mut(id.position()), file.memo.get_mut(id.position()));
        let (Some(tries), Some(place)) = places else { return };
        let (count, is_site) = (*tries & !IS_SITE, *tries & IS_SITE);
        let count = count.saturating_add(1).min(MOST_TRIES + 1);
        *tries = count | is_site;
        if let Memo::Partial(values, _) = place {
            let is_final = count > MOST_TRIES;
            *place = if is_final { Memo::Done(Rc::clone(values)) } else { Memo::Empty };
        }
    }
}
