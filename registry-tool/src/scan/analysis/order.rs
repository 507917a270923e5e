//! In which order the calls of a file are looked at.

use crate::scan::facts::{Expr, ExprId, Facts, Span};

/// Returns the calls of a file, those outside of functions first: what a parameter is called with
/// has to be known before what stands in the function is looked at.
pub(super) fn calls(facts: &Facts) -> Vec<ExprId> {
    let mut functions = Vec::new();
    let mut calls = Vec::new();
    for (number, expr) in (0..).map(ExprId).zip(&facts.exprs) {
        match expr {
            Expr::Call(..) => calls.push((0_usize, number)),
            Expr::Function(_) => functions.push(facts.span(number)),
            _ => {}
        }
    }
    functions.sort_unstable();
    functions.dedup();
    let mut by_place: Vec<_> = (0..calls.len()).collect();
    by_place.sort_by_key(|place| start(facts, &calls, *place));
    let (mut next, mut open): (usize, Vec<Span>) = (0, Vec::new());
    for place in by_place {
        let at = start(facts, &calls, place);
        while let Some(function) = functions.get(next).filter(|function| function.start < at) {
            open.push(*function);
            next += 1;
        }
        // Functions lie inside each other, or apart.
        while open.last().is_some_and(|function| function.end <= at) {
            open.pop();
        }
        if let Some(call) = calls.get_mut(place) {
            call.0 = open.len();
        }
    }
    calls.sort_by_key(|(depth, _)| *depth);
    calls.into_iter().map(|(_, call)| call).collect()
}

fn start(facts: &Facts, calls: &[(usize, ExprId)], place: usize) -> u32 {
    calls.get(place).map_or(0, |(_, call)| facts.span(*call).start)
}
