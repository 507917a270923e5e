//! Chains of operators, as front-ends walk them: from the left, without recursion.

use super::{Builder, Expr, ExprId, Operator, Span};

/// A chain `first op right op right …` in the making. What follows on each other with `+` becomes
/// one [`Expr::Sum`].
#[derive(Debug)]
pub struct Chain {
    sum: Vec<ExprId>,
    /// Where the last operator's expression stands.
    at: Span,
}

impl Chain {
    /// Starts with the leftmost operand.
    pub fn new(first: ExprId) -> Self {
        Self { sum: vec![first], at: Span::default() }
    }

    /// Adds `+ right`; `at` is where everything up to here stands.
    pub fn add(&mut self, right: ExprId, at: Span) {
        self.sum.push(right);
        self.at = at;
    }

    /// Adds another operator with its right operand.
    pub fn apply(&mut self, facts: &mut Builder, operator: Operator, right: ExprId, at: Span) {
        let left = self.close(facts, at);
        self.sum.push(facts.expr(Expr::Binary(operator, left, right), at));
        self.at = at;
    }

    /// Returns the value of the whole chain.
    pub fn finish(mut self, facts: &mut Builder) -> ExprId {
        let at = self.at;
        self.close(facts, at)
    }

    fn close(&mut self, facts: &mut Builder, at: Span) -> ExprId {
        let operands = std::mem::take(&mut self.sum);
        if let [one] = *operands {
            return one;
        }
        let list = facts.list(&operands);
        facts.expr(Expr::Sum(list), at)
    }
}
