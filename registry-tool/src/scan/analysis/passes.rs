//! The two passes over all files: what calls and assignments say of others, and what each
//! expression refers to.

use super::memo::Memo;
use super::{Analysis, Kind, Reference, file_id, order, size};
use crate::scan::facts::{Expr, ExprId, Facts, Operator, Span};
use crate::scan::value::{FileId, Value};

/// How much a file may cost by calls with known arguments, besides what its size allows.
const FOLLOW_SHARE: u64 = 40_000;

impl Analysis {
    /// Evaluates what can refer to something in every file, and returns what that is.
    pub fn run(mut self, mut begin: impl FnMut(&str)) -> Vec<Reference> {
        self.refuel();
        // Code in strings is added while this runs.
        self.is_collecting = true;
        // Where functions are parts of tables, who calls them shows only when the parts are known.
        let rounds = if self.language.has_tables { 2 } else { 1 };
        for _ in 0..rounds {
            for number in 0..self.files.len() {
                self.collect_parts(file_id(number));
            }
            self.sites.clear();
            let mut number = 0;
            while number < self.files.len() {
                let file = file_id(number);
                begin(&self.file(file).path.clone());
                self.collect(file);
                number += 1;
            }
            self.forget();
        }
        self.is_collecting = false;
        self.refuel();
        let mut number = 0;
        while number < self.files.len() {
            let file = file_id(number);
            begin(&self.file(file).path.clone());
            self.evaluate_all(file);
            number += 1;
        }
        self.finish()
    }

    /// Forgets what was found out with a part of the knowledge.
    fn forget(&mut self) {
        for file in &mut self.files {
            file.memo.fill(Memo::Empty);
            file.forget_sites();
        }
        self.shared.forget();
        self.bound.clear();
        self.exports.clear();
        self.members.clear();
    }

    /// Assignments to parts, before calls are looked at.
    fn collect_parts(&mut self, file: FileId) {
        if self.language.has_tables {
            let facts = self.facts(file);
            for store in &facts.stores {
                self.store(file, *store);
            }
        }
    }

    /// The first pass: calls and assignments to parts.
    fn collect(&mut self, file: FileId) {
        let facts = self.facts(file);
        for call in order::calls(&facts) {
            self.collect_call(file, &facts, call);
        }
        for store in &facts.stores {
            self.store(file, *store);
        }
    }

    /// Notes what is called. The arguments of the plugin's own functions are looked at when they
    /// are asked for; all else can put something somewhere.
    fn collect_call(&mut self, file: FileId, facts: &Facts, id: ExprId) {
        let Expr::Call(callee, _) = facts.expr(id) else { return };
        let callees = self.evaluate(file, callee);
        let only_calls = |value: &Value| match value {
            Value::Unknown | Value::Function(..) | Value::Class(..) => true,
            Value::Symbol(symbol) => self.symbols.intrinsic(*symbol).is_none(),
            _ => false,
        };
        if self.language.has_tables || !callees.iter().all(only_calls) {
            self.evaluate(file, id);
        } else if self.note_site(file, id, callee) {
            callees.iter().for_each(|callee| self.add_site(callee, file, id));
        }
    }

    fn evaluate_all(&mut self, file: FileId) {
        let facts = self.facts(file);
        let share = FOLLOW_SHARE.saturating_add(size(&facts)).min(self.follow_reserve);
        self.follow_fuel = share;
        for (id, expr) in (0..).map(ExprId).zip(&facts.exprs) {
            match expr {
                Expr::Text(text) => self.observe_constant(file, &facts, id, *text),
                _ if tells_something(&facts, *expr) => drop(self.evaluate(file, id)),
                _ => {}
            }
        }
        self.judge_stores(file, &facts);
        self.judge_item_stores(file, &facts);
        self.follow_reserve -= share.saturating_sub(self.follow_fuel);
        for note in &facts.notes {
            self.record(
                file,
                note.span,
                Kind::Noted { code: note.code.to_owned(), message: note.message.clone() },
            );
        }
        if self.fuel == 0 {
            self.record(file, Span::default(), Kind::Exhausted);
        }
    }
}

/// Tells whether an expression can refer to something by itself. All others count where their
/// values go; of a chain of operators each link is evaluated before what it is a part of.
fn tells_something(facts: &Facts, expr: Expr) -> bool {
    match expr {
        Expr::Unknown
        | Expr::Bytes(_)
        | Expr::Integer(_)
        | Expr::Word(_)
        | Expr::Items(_)
        | Expr::Function(_)
        | Expr::Class(_)
        | Expr::Instance(_)
        | Expr::Parameter(..) => false,
        Expr::Binary(operator, left, right) => {
            let is_chain = !is_operand(facts.expr(left)) || !is_operand(facts.expr(right));
            operator == Operator::Modulo || is_chain
        }
        _ => true,
    }
}

/// Tells whether an expression is not a chain of others.
const fn is_operand(expr: Expr) -> bool {
    matches!(expr, Expr::Integer(_) | Expr::Name(..) | Expr::Unknown | Expr::Word(_))
}
