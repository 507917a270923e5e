//! Operators, templates and slices.

use std::rc::Rc;

use super::Analysis;
use super::text::{integer, plain_text};
use crate::scan::facts::{ExprId, Operator};
use crate::scan::fold;
use crate::scan::language::Intrinsic;
use crate::scan::value::{Arguments, FileId, HOLE, Origin, Union, Value, Values, only, text};

/// The most items of lists that are put together.
const MOST_LISTED: usize = 1024;

/// The most combinations of values of operands that are tried.
const MOST_COMBINATIONS: usize = 16;

/// The most characters of a text of which something is unknown.
const MOST_WITH_HOLES: usize = 1 << 13;

/// Returns every sum of numbers, if that is all the operands can be.
fn sums(operands: &[Values]) -> Option<Values> {
    let mut sums = vec![0_i64];
    for values in operands {
        let number = |value: &Value| match value {
            Value::Integer(number) => Some(*number),
            _ => None,
        };
        let numbers: Option<Vec<_>> = values.iter().map(number).collect();
        let numbers = numbers.filter(|numbers| !numbers.is_empty())?;
        if sums.len().saturating_mul(numbers.len()) > MOST_COMBINATIONS {
            return None;
        }
        sums = sums
            .iter()
            .flat_map(|sum| numbers.iter().map(move |number| sum.wrapping_add(*number)))
            .collect();
    }
    let mut union = Union::default();
    for sum in sums {
        union.add(Value::Integer(sum));
    }
    Some(union.finish())
}

impl Analysis {
    /// `a + b + c`
    pub(super) fn sum(&mut self, file: FileId, operands: &[ExprId]) -> Values {
        let operands: Vec<_> = operands.iter().map(|id| self.evaluate(file, *id)).collect();
        let Some((first, rest)) = operands.split_first() else {
            return Rc::clone(&self.unknown);
        };
        if let Some(path) = first.iter().find(|value| matches!(value, Value::OwnPath(_))) {
            return if climbs(rest) { Rc::clone(&self.unknown) } else { only(path.clone()) };
        }
        if let [Value::Integer(start)] = &**first
            && let Some(numbers) = rest.iter().map(|v| integer(Some(v))).collect::<Option<Vec<_>>>()
        {
            let sum = numbers.into_iter().fold(*start, i64::wrapping_add);
            return only(Value::Integer(sum));
        }
        if let Some(sums) = sums(&operands) {
            return sums;
        }
        let is_list = |value: &Value| {
            matches!(value, Value::Items(_) | Value::Container(..) | Value::Record(_))
        };
        if operands.iter().any(|values| values.iter().any(is_list)) {
            return self.joined_lists(&operands);
        }
        self.combine(&operands, true)
    }

    fn joined_lists(&mut self, operands: &[Values]) -> Values {
        let mut items = Vec::new();
        for operand in operands {
            match self.sequence_of(operand) {
                Some(more) if items.len() + more.len() <= MOST_LISTED => items.extend(more),
                Some(_) | None => items.push(self.any_items(operand)),
            }
        }
        only(Value::Items(items.into()))
    }

    /// A template, or an f-string.
    pub(super) fn template(&mut self, file: FileId, parts: &[ExprId]) -> Values {
        let parts: Vec<_> = parts.iter().map(|id| self.evaluate(file, *id)).collect();
        if let Some(path) = parts.first().and_then(|first| first.first())
            && matches!(path, Value::OwnPath(_))
        {
            return only(path.clone());
        }
        if parts.is_empty() {
            return only(super::container::empty_text());
        }
        self.combine(&parts, parts.len() > 1)
    }

    /// Puts texts together, in every combination of the values that the parts can have.
    fn combine(&mut self, parts: &[Values], is_computed: bool) -> Values {
        if parts.iter().any(|values| values.contains(&Value::Decoded)) {
            return only(Value::Decoded);
        }
        let is_known = |values: &Values| {
            let is_text =
                |v: &Value| matches!(v, Value::Text(..) | Value::Bytes(..) | Value::Integer(_));
            values.iter().any(is_text)
        };
        if !parts.iter().any(is_known) {
            return Rc::clone(&self.unknown);
        }
        let origin = if is_computed { Origin::PLAIN.computed() } else { Origin::PLAIN };
        let is_bytes = parts.iter().all(|v| v.iter().all(|v| matches!(v, Value::Bytes(..))));
        let mut texts = vec![(String::new(), origin)];
        for values in parts {
            let mut next = Vec::with_capacity(texts.len());
            for value in values.iter() {
                if next.len() >= MOST_COMBINATIONS {
                    break;
                }
                let (part, of) = plain_text(value)
                    .unwrap_or_else(|| (HOLE.to_string(), Origin::PLAIN.with_holes()));
                for (text, origin) in &texts {
                    let origin = origin.and(of);
                    let most = if origin.has_holes() { MOST_WITH_HOLES } else { fold::MOST };
                    if next.len() < MOST_COMBINATIONS && text.len() + part.len() <= most {
                        // Something unknown twice is something unknown.
                        let part = match text.ends_with(HOLE) {
                            true => part.trim_start_matches(HOLE),
                            false => &part,
                        };
                        let origin =
                            if text.is_empty() { origin } else { origin.joined(text, part) };
                        next.push(([text.as_str(), part].concat(), origin));
                    }
                }
            }
            texts = next;
        }
        let mut union = Union::default();
        for (found, origin) in texts {
            union.add(if is_bytes {
                Value::Bytes(found.into_bytes().into(), origin)
            } else {
                text(&found, origin)
            });
        }
        if union.is_empty() { Rc::clone(&self.unknown) } else { union.finish() }
    }

    pub(super) fn binary(
        &mut self,
        file: FileId,
        operator: Operator,
        left: ExprId,
        right: ExprId,
    ) -> Values {
        let (left, right) = (self.evaluate(file, left), self.evaluate(file, right));
        if let ([Value::Integer(a)], [Value::Integer(b)]) = (&*left, &*right) {
            return match arithmetic(operator, *a, *b) {
                Some(number) => only(Value::Integer(number)),
                None => Rc::clone(&self.unknown),
            };
        }
        match operator {
            Operator::Modulo => self.each(&left, |analysis, value| match value {
                Value::Text(..) | Value::Bytes(..) => analysis.fill(value, &right),
                Value::Decoded => only(Value::Decoded),
                _ => Rc::clone(&analysis.unknown),
            }),
            Operator::Multiply => {
                let (text, count) =
                    if integer(Some(&left)).is_some() { (right, left) } else { (left, right) };
                self.run_on_text(Intrinsic::Repeat, &Arguments::plain(vec![text, count]))
            }
            // A path and a part of it.
            Operator::Divide => self.each(&left, |analysis, value| match value {
                Value::OwnPath(_) if climbs(std::slice::from_ref(&right)) => {
                    Rc::clone(&analysis.unknown)
                }
                Value::Symbol(_) | Value::OwnPath(_) => only(value.clone()),
                _ => Rc::clone(&analysis.unknown),
            }),
            Operator::Or => {
                let mut union = Union::default();
                union.extend(&left);
                union.extend(&right);
                union.finish()
            }
            Operator::Subtract
            | Operator::Xor
            | Operator::And
            | Operator::ShiftLeft
            | Operator::ShiftRight
            | Operator::Other => Rc::clone(&self.unknown),
        }
    }

    /// `"%s%s" % (a, b)`
    fn fill(&mut self, template: &Value, values: &Values) -> Values {
        let is_list = matches!(&**values, [Value::Container(..) | Value::Items(_)]);
        let is_record = match &**values {
            [value] => self.pairs(value).is_some(),
            _ => false,
        };
        let mut plain = vec![only(template.clone())];
        if is_list && !is_record {
            plain.extend(self.sequence_of(values).unwrap_or_default());
        } else {
            plain.push(Rc::clone(values));
        }
        self.run_on_text(Intrinsic::Percent, &Arguments::plain(plain))
    }

    /// `base[start:stop:step]`
    pub(super) fn slice(&mut self, file: FileId, base: ExprId, bounds: &[ExprId]) -> Values {
        let bases = self.evaluate(file, base);
        let bounds: Vec<_> = bounds.iter().map(|id| self.evaluate(file, *id)).collect();
        let is_known = |values: &Values| {
            integer(Some(values)).is_some() || values.iter().all(super::intrinsic::is_false)
        };
        if !bounds.iter().all(is_known) {
            let is_decoded = bases.contains(&Value::Decoded);
            return if is_decoded { bases } else { Rc::clone(&self.unknown) };
        }
        let bound = |number: usize| integer(bounds.get(number));
        let (start, stop, step) = (bound(0), bound(1), bound(2));
        self.each(&bases, |analysis, value| {
            let part = analysis.sliced(value, start, stop, step);
            part.map_or_else(|| Rc::clone(&analysis.unknown), only)
        })
    }
}

/// Tells whether a path goes up.
pub(super) fn climbs(parts: &[Values]) -> bool {
    parts.iter().any(|values| {
        values.iter().any(|value| matches!(value, Value::Text(text, _) if text.contains("..")))
    })
}

fn arithmetic(operator: Operator, a: i64, b: i64) -> Option<i64> {
    match operator {
        Operator::Subtract => a.checked_sub(b),
        Operator::Multiply => a.checked_mul(b),
        Operator::Divide => a.checked_div_euclid(b),
        Operator::Modulo => a.checked_rem_euclid(b),
        Operator::Xor => Some(a ^ b),
        Operator::Or => Some(a | b),
        Operator::And => Some(a & b),
        Operator::ShiftLeft => a.checked_shl(u32::try_from(b).ok()?),
        Operator::ShiftRight => a.checked_shr(u32::try_from(b).ok()?),
        Operator::Other => None,
    }
}
