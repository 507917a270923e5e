//! Expressions of Python.

use ruff_python_ast::{
    Arguments, Comprehension, ExprBinOp, ExprCall, ExprDict, ExprFString, ExprNumberLiteral,
    ExprSlice, FStringPart, InterpolatedElement, InterpolatedStringElement, Number,
    Operator as TreeOperator, UnaryOp,
};
use ruff_text_size::Ranged as _;

use super::{Lowering, Place, Tree, span, span_of};
use crate::scan::facts::{Binding, Chain, Expr, ExprId, Operator, ScopeKind, Span, Word};

/// Functions that say whether something was raised, and raise nothing.
const EXPECTING: [&str; 6] =
    ["raises", "assertRaises", "assertRaisesRegex", "suppress", "isinstance", "issubclass"];

impl Lowering<'_> {
    /// Records an expression and everything in it.
    pub(super) fn expression(&mut self, tree: &Tree) -> ExprId {
        let at = span_of(tree);
        match tree {
            Tree::Name(tree) => {
                let name = self.identifier(&tree.id, tree.range);
                self.facts.expr(Expr::Name(name, self.place.scope), at)
            }
            Tree::Attribute(tree) => {
                let base = self.expression(&tree.value);
                let name = self.named(&tree.attr);
                self.facts.expr(Expr::Attribute(base, name), at)
            }
            Tree::Subscript(tree) => {
                let base = self.expression(&tree.value);
                if let Tree::Slice(slice) = &*tree.slice {
                    return self.slice(base, slice, at);
                }
                let key = self.expression(&tree.slice);
                self.facts.expr(Expr::Index(base, key), at)
            }
            Tree::Call(tree) => self.called(tree),
            Tree::BinOp(tree) => self.operation(tree),
            Tree::StringLiteral(tree) => self.facts.text(tree.value.to_str(), at),
            Tree::NumberLiteral(tree) => self.number(tree),
            Tree::BooleanLiteral(tree) => {
                let word = if tree.value { Word::True } else { Word::False };
                self.facts.expr(Expr::Word(word), at)
            }
            Tree::NoneLiteral(_) => self.facts.expr(Expr::Word(Word::None), at),
            Tree::FString(tree) => self.template(tree, at),
            Tree::List(tree) => self.items(&tree.elts, at),
            Tree::Tuple(tree) => self.items(&tree.elts, at),
            Tree::Set(tree) => self.items(&tree.elts, at),
            Tree::Dict(tree) => self.record(tree, at),
            Tree::BoolOp(tree) => self.alternatives(&tree.values, at),
            Tree::If(tree) => {
                self.expression(&tree.test);
                let members = [self.expression(&tree.body), self.expression(&tree.orelse)];
                self.one_of(&members, at)
            }
            Tree::Named(tree) => self.walrus(&tree.target, &tree.value),
            Tree::Lambda(tree) => self.lambda(tree, at),
            Tree::Starred(tree) => {
                let value = self.expression(&tree.value);
                self.facts.expr(Expr::Spread(value), at)
            }
            Tree::Await(tree) => self.expression(&tree.value),
            Tree::UnaryOp(tree) => self.unary(tree.op, &tree.operand, at),
            Tree::BytesLiteral(_)
            | Tree::Compare(_)
            | Tree::Yield(_)
            | Tree::YieldFrom(_)
            | Tree::ListComp(_)
            | Tree::SetComp(_)
            | Tree::DictComp(_)
            | Tree::Generator(_)
            | Tree::TString(_)
            | Tree::Slice(_)
            | Tree::EllipsisLiteral(_)
            | Tree::IpyEscapeCommand(_) => self.rarer_expression(tree, at),
        }
    }

    /// Records an expression whose value is not used.
    pub(super) fn visit(&mut self, tree: &Tree) {
        self.expression(tree);
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "the other half of `expression`")]
    fn rarer_expression(&mut self, tree: &Tree, at: Span) -> ExprId {
        match tree {
            Tree::BytesLiteral(tree) => {
                let bytes: Vec<u8> = tree.value.bytes().collect();
                let id = self.facts.constant(&bytes);
                self.facts.expr(Expr::Bytes(id), at)
            }
            Tree::Compare(tree) => {
                self.expression(&tree.left);
                tree.comparators.iter().for_each(|tree| self.visit(tree));
                self.facts.unknown(at)
            }
            Tree::Yield(tree) => {
                let value = tree.value.as_ref().map(|tree| self.expression(tree));
                self.yielded(value);
                self.facts.unknown(at)
            }
            Tree::YieldFrom(tree) => {
                let value = self.expression(&tree.value);
                let element = self.facts.expr(Expr::Element(value), at);
                self.yielded(Some(element));
                self.facts.unknown(at)
            }
            Tree::ListComp(tree) => self.comprehension(&tree.elt, None, &tree.generators, at),
            Tree::SetComp(tree) => self.comprehension(&tree.elt, None, &tree.generators, at),
            Tree::Generator(tree) => self.comprehension(&tree.elt, None, &tree.generators, at),
            Tree::DictComp(tree) => {
                self.comprehension(&tree.value, tree.key.as_deref(), &tree.generators, at)
            }
            Tree::TString(tree) => {
                let elements = tree.value.elements();
                elements.for_each(|element| {
                    if let InterpolatedStringElement::Interpolation(part) = element {
                        self.interpolation(part);
                    }
                });
                self.facts.unknown(at)
            }
            Tree::Slice(tree) => {
                let unknown = self.facts.unknown(at);
                self.slice(unknown, tree, at)
            }
            _ => self.facts.unknown(at),
        }
    }

    fn number(&mut self, tree: &ExprNumberLiteral) -> ExprId {
        let at = span(tree.range);
        match &tree.value {
            Number::Int(number) => match number.as_i64() {
                Some(number) => self.facts.expr(Expr::Integer(number), at),
                None => self.facts.unknown(at),
            },
            Number::Float(_) | Number::Complex { .. } => self.facts.unknown(at),
        }
    }

    fn unary(&mut self, operator: UnaryOp, operand: &Tree, at: Span) -> ExprId {
        let inner = self.expression(operand);
        match (operator, self.facts.get(inner)) {
            (UnaryOp::USub, Expr::Integer(number)) => {
                self.facts.expr(Expr::Integer(number.saturating_neg()), at)
            }
            (UnaryOp::Invert, Expr::Integer(number)) => self.facts.expr(Expr::Integer(!number), at),
            (UnaryOp::UAdd, _) => inner,
            (UnaryOp::USub | UnaryOp::Invert | UnaryOp::Not, _) => self.facts.unknown(at),
        }
    }

    fn members(&mut self, trees: &[Tree]) -> Vec<ExprId> {
        trees.iter().map(|tree| self.expression(tree)).collect()
    }

    fn items(&mut self, trees: &[Tree], at: Span) -> ExprId {
        let members = self.members(trees);
        let list = self.facts.list(&members);
        self.facts.expr(Expr::Items(list), at)
    }

    fn alternatives(&mut self, trees: &[Tree], at: Span) -> ExprId {
        let members = self.members(trees);
        self.one_of(&members, at)
    }

    fn record(&mut self, tree: &ExprDict, at: Span) -> ExprId {
        let mut members = Vec::with_capacity(tree.items.len());
        for item in &tree.items {
            let inside = span_of(&item.value);
            let expr = match &item.key {
                Some(key) => {
                    let key = self.expression(key);
                    Expr::Pair(key, self.expression(&item.value))
                }
                None => Expr::Spread(self.expression(&item.value)),
            };
            members.push(self.facts.expr(expr, inside));
        }
        let list = self.facts.list(&members);
        self.facts.expr(Expr::Record(list), at)
    }

    fn slice(&mut self, base: ExprId, slice: &ExprSlice, at: Span) -> ExprId {
        let bounds = [&slice.lower, &slice.upper, &slice.step].map(|bound| match bound {
            Some(bound) => self.expression(bound),
            None => self.facts.expr(Expr::Word(Word::None), at),
        });
        let bounds = self.facts.list(&bounds);
        self.facts.expr(Expr::Slice(base, bounds), at)
    }

    fn called(&mut self, tree: &ExprCall) -> ExprId {
        let callee = self.expression(&tree.func);
        self.expected(tree);
        let arguments = self.arguments(&tree.arguments);
        self.call(callee, &arguments, span_of(tree))
    }

    /// What a call asks for, or waits for, does not happen: `assertRaises(SystemExit)`.
    fn expected(&mut self, tree: &ExprCall) {
        let name = if let Tree::Name(name) = &*tree.func {
            name.id.as_str()
        } else if let Tree::Attribute(attribute) = &*tree.func {
            attribute.attr.as_str()
        } else {
            return;
        };
        if !EXPECTING.contains(&name) {
            return;
        }
        let is_exit = |tree: &Tree| matches!(tree, Tree::Name(name) if name.id == "SystemExit");
        for argument in &tree.arguments.args {
            let members = if let Tree::Tuple(tuple) = argument {
                tuple.elts.as_slice()
            } else {
                std::slice::from_ref(argument)
            };
            members.iter().filter(|tree| is_exit(tree)).for_each(|t| self.facts.dead(span_of(t)));
        }
    }

    /// Records arguments: those by position, then those by name.
    pub(super) fn arguments(&mut self, arguments: &Arguments) -> Vec<ExprId> {
        let mut members = self.members(&arguments.args);
        for keyword in &arguments.keywords {
            let at = span(keyword.range);
            let value = self.expression(&keyword.value);
            let expr = match &keyword.arg {
                Some(name) => Expr::Keyword(self.named(name), value),
                None => Expr::Spread(value),
            };
            members.push(self.facts.expr(expr, at));
        }
        members
    }

    /// Records a chain of operators from the left, without recursion: chains are long.
    fn operation(&mut self, tree: &ExprBinOp) -> ExprId {
        let mut chain = vec![tree];
        let mut first = &*tree.left;
        while let Tree::BinOp(inner) = first {
            chain.push(inner);
            first = &inner.left;
        }
        let first = self.expression(first);
        let mut values = Chain::new(first);
        for tree in chain.into_iter().rev() {
            let right = self.expression(&tree.right);
            let at = span(tree.range);
            if tree.op == TreeOperator::Add {
                values.add(right, at);
            } else {
                values.apply(&mut self.facts, operator(tree.op), right, at);
            }
        }
        values.finish(&mut self.facts)
    }

    fn template(&mut self, tree: &ExprFString, at: Span) -> ExprId {
        let mut parts = Vec::new();
        for part in tree.value.as_slice() {
            match part {
                FStringPart::Literal(literal) => {
                    parts.push(self.facts.text(&literal.value, span(literal.range)));
                }
                FStringPart::FString(inner) => {
                    for element in &inner.elements {
                        parts.push(self.element(element));
                    }
                }
            }
        }
        let list = self.facts.list(&parts);
        self.facts.expr(Expr::Template(list), at)
    }

    fn element(&mut self, element: &InterpolatedStringElement) -> ExprId {
        match element {
            InterpolatedStringElement::Literal(literal) => {
                self.facts.text(&literal.value, span(literal.range))
            }
            InterpolatedStringElement::Interpolation(part) => self.interpolation(part),
        }
    }

    /// Records `{value}`, and `{value:c}`, which is the character with that code.
    fn interpolation(&mut self, part: &InterpolatedElement) -> ExprId {
        let at = span(part.range);
        let value = self.expression(&part.expression);
        let Some(format) = &part.format_spec else { return value };
        let mut is_character = false;
        for element in &format.elements {
            match element {
                InterpolatedStringElement::Literal(text) => is_character = &*text.value == "c",
                InterpolatedStringElement::Interpolation(part) => {
                    self.interpolation(part);
                }
            }
        }
        if !is_character {
            return value;
        }
        let chr = self.builtin("chr", at.start);
        self.call(chr, &[value], at)
    }

    fn walrus(&mut self, target: &Tree, value: &Tree) -> ExprId {
        let value = self.expression(value);
        if let Tree::Name(target) = target {
            let name = self.identifier(&target.id, target.range);
            let (scope, at) = (self.place.walrus, target.range.end().to_u32());
            self.facts.bind(Binding { scope, name, value, at, certain: false });
        }
        value
    }

    fn comprehension(
        &mut self,
        element: &Tree,
        key: Option<&Tree>,
        generators: &[Comprehension],
        at: Span,
    ) -> ExprId {
        // The first iterable is evaluated outside.
        let first = generators.first().map(|generator| self.expression(&generator.iter));
        let scope = self.facts.scope(self.place.scope, ScopeKind::Function);
        let place = Place { scope, elsewhere: Vec::new(), ..self.place.clone() };
        self.within(place, |inner| {
            let mut sources = Vec::new();
            for (number, generator) in generators.iter().enumerate() {
                let iterated = match first {
                    Some(first) if number == 0 => first,
                    _ => inner.expression(&generator.iter),
                };
                let item = inner.facts.expr(Expr::Element(iterated), span_of(&generator.target));
                inner.assign(&generator.target, item, generator.iter.end().to_u32());
                sources.push(item);
                generator.ifs.iter().for_each(|tree| inner.visit(tree));
            }
            let key = key.map(|key| inner.expression(key));
            let mut value = inner.expression(element);
            if let Some(key) = key {
                value = inner.facts.expr(Expr::Pair(key, value), at);
            }
            let sources = inner.facts.list(&sources);
            inner.facts.expr(Expr::Comprehension(value, sources), at)
        })
    }
}

pub(super) const fn operator(operator: TreeOperator) -> Operator {
    match operator {
        TreeOperator::Sub => Operator::Subtract,
        TreeOperator::Mult => Operator::Multiply,
        TreeOperator::Div | TreeOperator::FloorDiv => Operator::Divide,
        TreeOperator::Mod => Operator::Modulo,
        TreeOperator::LShift => Operator::ShiftLeft,
        TreeOperator::RShift => Operator::ShiftRight,
        TreeOperator::BitOr => Operator::Or,
        TreeOperator::BitXor => Operator::Xor,
        TreeOperator::BitAnd => Operator::And,
        TreeOperator::Add | TreeOperator::MatMult | TreeOperator::Pow => Operator::Other,
    }
}
