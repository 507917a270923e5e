//! Sharing: what many expressions can stand for is kept once.

use std::hash::{BuildHasher as _, Hash as _, Hasher as _};
use std::rc::Rc;

use crate::scan::table::Table;
use crate::scan::value::{Value, Values};

/// The most sets of the same hash that are looked through.
const MOST_ALIKE: usize = 4;

/// Sets of values, by their hashes.
#[derive(Debug, Default)]
pub(super) struct Shared {
    sets: Table<u64, Vec<Values>>,
}

impl Shared {
    /// Returns the set itself, or an equal one that is there already.
    pub(super) fn share(&mut self, values: Values) -> Values {
        // What others hold is shared as it is.
        if Rc::strong_count(&values) > 1 {
            return values;
        }
        let mut hasher = self.sets.hasher().build_hasher();
        for value in values.iter() {
            let Some(mark) = mark(value) else { return values };
            mark.hash(&mut hasher);
        }
        let hash = hasher.finish();
        let alike = self.sets.entry(hash).or_default();
        if let Some(known) = alike.iter().find(|known| **known == values) {
            return Rc::clone(known);
        }
        if alike.len() < MOST_ALIKE {
            alike.push(Rc::clone(&values));
        }
        values
    }

    /// Forgets all sets.
    pub(super) fn forget(&mut self) {
        self.sets.clear();
    }
}

/// Returns what equal values have in common; nothing for values that are seldom equal.
fn mark(value: &Value) -> Option<(u32, u64, u64)> {
    let pair = |a: u32, b: u32| u64::from(a) << 32 | u64::from(b);
    Some(match value {
        Value::Unknown => (0, 0, 0),
        Value::Decoded => (1, 0, 0),
        Value::Symbol(symbol) => (2, symbol.number(), 0),
        Value::Integer(number) => (3, number.cast_unsigned(), 0),
        Value::Word(_) => (4, 0, 0),
        Value::Function(file, function, class) => {
            (5, pair(file.0, function.0), class.map_or(u64::MAX, |class| u64::from(class.0)))
        }
        Value::Class(file, class) => (6, pair(file.0, class.0), 0),
        Value::Instance(file, class) => (7, pair(file.0, class.0), 0),
        Value::Container(file, id) => (8, pair(file.0, id.0), 0),
        Value::Module(file) => (9, u64::from(file.0), 0),
        Value::OwnPath(up) => (10, u64::from(*up), 0),
        Value::Text(text, _) if text.len() <= 64 => {
            let hash = text.bytes().fold(0_u64, |hash, byte| {
                (hash.rotate_left(5) ^ u64::from(byte)).wrapping_mul(0x51_7c_c1_b7_27_22_0a_95)
            });
            (11, hash, 0)
        }
        Value::Text(..)
        | Value::Bytes(..)
        | Value::Items(_)
        | Value::Record(_)
        | Value::Namespace(_)
        | Value::Getter(..)
        | Value::Method(..)
        | Value::Partial(..)
        | Value::Property(_) => return None,
    })
}
