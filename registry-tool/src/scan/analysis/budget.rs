//! What the analysis may use up, and what happens when that is not enough.

use std::rc::Rc;

use super::{Analysis, Kind};
use crate::scan::facts::Span;
use crate::scan::value::{FileId, Value, Values};

/// How many bytes an item of a new list counts for.
const BYTES_OF_ITEM: usize = 32;
/// How many bytes of a new text cost as much as an evaluation.
const BYTES_OF_FUEL: usize = 16;
/// What has fewer bytes costs no more than the evaluation that made it.
const SMALL: usize = 1024;
/// How many can be looked through at no cost.
const FEW: usize = 256;

impl Analysis {
    pub(super) fn spend(&mut self, count: usize) {
        let cost = u64::try_from(1 + count / 4).unwrap_or(u64::MAX);
        self.fuel = self.fuel.saturating_sub(cost);
    }

    /// Looking through a few costs nothing worth counting.
    pub(super) fn spend_on_many(&mut self, count: usize) {
        if count > FEW {
            self.spend(count / 32);
        }
    }

    /// What was just made takes time and memory, which texts that grow soon use up.
    pub(super) fn spend_on_new(&mut self, values: &Values) {
        // What others hold was paid for.
        if Rc::strong_count(values) > 1 {
            return;
        }
        for value in values.iter() {
            let length = match value {
                Value::Text(text, _) if Rc::strong_count(text) == 1 => text.len(),
                Value::Bytes(bytes, _) if Rc::strong_count(bytes) == 1 => bytes.len(),
                Value::Items(items) if Rc::strong_count(items) == 1 => {
                    items.len().saturating_mul(BYTES_OF_ITEM)
                }
                _ => continue,
            };
            if length < SMALL {
                continue;
            }
            let cost = u64::try_from(length / BYTES_OF_FUEL).unwrap_or(u64::MAX);
            self.fuel = self.fuel.saturating_sub(cost);
        }
    }

    /// What is too much to evaluate can be anything, which is a finding.
    pub(super) fn give_up(&mut self, file: FileId) -> Values {
        self.record(file, Span::default(), Kind::Exhausted);
        Rc::clone(&self.unknown)
    }
}
