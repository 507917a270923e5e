//! What gets a value in Python: targets of assignments, loops and patterns, and imports.

use ruff_python_ast::{Pattern, StmtImport, StmtImportFrom};

use super::{Lowering, Tree, span, span_of};
use crate::scan::facts::{Expr, ExprId, Span, Store, Word};

impl Lowering<'_> {
    /// Gives a value to a target, from the place `at` on.
    #[expect(clippy::wildcard_enum_match_arm, reason = "the grammar has no other targets")]
    pub(super) fn assign(&mut self, target: &Tree, value: ExprId, at: u32) {
        match target {
            Tree::Name(target) => {
                let name = self.identifier(&target.id, target.range);
                if target.id.as_str() == "TYPE_CHECKING" {
                    let is_false = self.facts.get(value) == Expr::Word(Word::False);
                    self.owns_type_checking |= !is_false;
                }
                self.bind(name, value, at);
            }
            Tree::Tuple(target) => self.unpack(&target.elts, value, at),
            Tree::List(target) => self.unpack(&target.elts, value, at),
            Tree::Starred(target) => self.assign(&target.value, value, at),
            Tree::Attribute(target) => {
                self.expression(&Tree::Attribute(target.clone()));
                self.owns_type_checking |= target.attr.as_str() == "TYPE_CHECKING";
                let base = self.expression(&target.value);
                self.bind_in_class(&target.value, target.attr.as_str(), value, at);
                self.replaced(base, &format!("{}=", target.attr.as_str()), span(target.range));
                let key = self.facts.text(&target.attr, span(target.attr.range));
                self.facts.store(Store { base, key, value });
            }
            Tree::Subscript(target) => {
                let base = self.expression(&target.value);
                let key = self.expression(&target.slice);
                self.facts.expr(Expr::Index(base, key), span(target.range));
                self.replaced(base, "[]=", span(target.range));
                self.facts.store(Store { base, key, value });
            }
            other => self.visit(other),
        }
    }

    /// Rules are about what is replaced, too: `sys.path=`, and items of it: `sys.path.[]=`.
    fn replaced(&mut self, base: ExprId, name: &str, at: Span) {
        let is_attribute = matches!(self.facts.get(base), Expr::Attribute(..));
        if is_attribute || name != "[]=" {
            let name = self.facts.name(name);
            self.facts.expr(Expr::Attribute(base, name), at);
        }
    }

    /// What a method gives its object belongs to the class.
    fn bind_in_class(&mut self, base: &Tree, name: &str, value: ExprId, at: u32) {
        let Tree::Name(base) = base else { return };
        let Some((class, object)) = self.place.receiver else { return };
        if self.facts.name(&base.id) != object {
            return;
        }
        let Some(scope) = self.facts.scope_of(class) else { return };
        let name = self.facts.name(name);
        self.facts.bind(crate::scan::facts::Binding { scope, name, value, at, certain: false });
    }

    fn unpack(&mut self, targets: &[Tree], value: ExprId, at: u32) {
        let starred = targets.iter().position(|target| matches!(target, Tree::Starred(_)));
        for (number, target) in targets.iter().enumerate() {
            let here = span_of(target);
            let part = match starred {
                Some(star) if number == star => self.middle(value, star, targets.len(), here),
                Some(star) if number > star => {
                    let back = i64::try_from(targets.len() - number).unwrap_or(1);
                    self.item(value, -back, here)
                }
                _ => self.item(value, i64::try_from(number).unwrap_or(0), here),
            };
            self.assign(target, part, at);
        }
    }

    /// What a starred target gets: the items that the targets around it leave.
    fn middle(&mut self, value: ExprId, star: usize, count: usize, here: Span) -> ExprId {
        let number = |count: usize| i64::try_from(count).unwrap_or(0);
        let after = number(count - star - 1);
        let bounds = [
            Expr::Integer(number(star)),
            if after == 0 { Expr::Word(Word::None) } else { Expr::Integer(-after) },
            Expr::Word(Word::None),
        ];
        let bounds = bounds.map(|bound| self.facts.expr(bound, here));
        let bounds = self.facts.list(&bounds);
        self.facts.expr(Expr::Slice(value, bounds), here)
    }

    /// Binds the names of a pattern to parts of what is matched.
    pub(super) fn pattern(&mut self, pattern: &Pattern, subject: ExprId) {
        let at = span_of(pattern);
        match pattern {
            Pattern::MatchValue(tree) => self.visit(&tree.value),
            Pattern::MatchSingleton(_) => {}
            Pattern::MatchSequence(tree) => {
                for (number, pattern) in (0..).zip(&tree.patterns) {
                    let part = self.item(subject, number, at);
                    self.pattern(pattern, part);
                }
            }
            Pattern::MatchMapping(tree) => {
                for (key, pattern) in tree.keys.iter().zip(&tree.patterns) {
                    let key = self.expression(key);
                    let part = self.facts.expr(Expr::Index(subject, key), at);
                    self.pattern(pattern, part);
                }
                self.capture(tree.rest.as_ref(), subject, at);
            }
            Pattern::MatchClass(tree) => {
                self.expression(&tree.cls);
                for pattern in &tree.arguments.patterns {
                    self.pattern(pattern, subject);
                }
                for keyword in &tree.arguments.keywords {
                    let name = self.named(&keyword.attr);
                    let part = self.facts.expr(Expr::Attribute(subject, name), at);
                    self.pattern(&keyword.pattern, part);
                }
            }
            Pattern::MatchStar(tree) => self.capture(tree.name.as_ref(), subject, at),
            Pattern::MatchAs(tree) => {
                if let Some(pattern) = &tree.pattern {
                    self.pattern(pattern, subject);
                }
                self.capture(tree.name.as_ref(), subject, at);
            }
            Pattern::MatchOr(tree) => {
                tree.patterns.iter().for_each(|pattern| self.pattern(pattern, subject));
            }
        }
    }

    fn capture(&mut self, name: Option<&ruff_python_ast::Identifier>, subject: ExprId, at: Span) {
        if let Some(name) = name {
            let name = self.named(name);
            self.bind(name, subject, at.end);
        }
    }

    pub(super) fn import(&mut self, tree: &StmtImport) {
        for alias in &tree.names {
            let at = span(alias.range);
            let module = self.facts.constant(alias.name.as_bytes());
            let whole = self.facts.expr(Expr::Import(module, 0), at);
            if let Some(name) = &alias.asname {
                let name = self.named(name);
                self.bind(name, whole, at.end);
                continue;
            }
            // `import a.b` binds `a`, and is no mention of `a` alone.
            let first = alias.name.split('.').next().unwrap_or_default();
            let value = if first.len() == alias.name.len() {
                whole
            } else {
                let module = self.facts.constant(first.as_bytes());
                self.facts.expr(Expr::Import(module, 0), Span::new(at.start, at.start))
            };
            let name = self.identifier(first, alias.name.range);
            self.bind(name, value, at.end);
        }
    }

    pub(super) fn import_from(&mut self, tree: &StmtImportFrom) {
        let module = tree.module.as_ref().map_or("", |module| module.as_str());
        let level = u8::try_from(tree.level).unwrap_or(u8::MAX);
        let constant = self.facts.constant(module.as_bytes());
        for alias in &tree.names {
            let at = span(alias.range);
            if alias.name.as_str() == "*" {
                let whole = self.facts.expr(Expr::Import(constant, level), span(tree.range));
                self.facts.star(self.place.scope, whole);
                continue;
            }
            // What is imported is mentioned, not the module that it comes from.
            let nowhere = Span::new(at.start, at.start);
            let base = self.facts.expr(Expr::Import(constant, level), nowhere);
            let name = self.named(&alias.name);
            let value = self.facts.expr(Expr::Attribute(base, name), at);
            let bound = alias.asname.as_ref().unwrap_or(&alias.name);
            if bound.as_str() == "TYPE_CHECKING" {
                self.owns_type_checking |=
                    level > 0 || !matches!(module, "typing" | "typing_extensions");
            }
            let bound = self.named(bound);
            self.bind(bound, value, at.end);
        }
    }
}
