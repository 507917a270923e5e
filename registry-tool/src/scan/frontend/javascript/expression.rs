//! Expressions of JavaScript.

use oxc_ast::ast::{
    ArrayExpression, ArrayExpressionElement, AssignmentExpression, BinaryExpression, Expression,
    RegExpLiteral, SimpleAssignmentTarget, StringLiteral, TaggedTemplateExpression,
    TemplateLiteral, UnaryExpression,
};
use oxc_span::GetSpan as _;
use oxc_syntax::operator::{AssignmentOperator, BinaryOperator, LogicalOperator, UnaryOperator};

use super::constant::{self, Constant};
use super::function::Object;
use super::{Lowering, before, span};
use crate::scan::facts::{Chain, Expr, ExprId, Operator, Span, Word};

/// How deep constants that are made of signs are worked out.
const MOST_SIGNS: u32 = 2_000;

impl Lowering<'_> {
    /// Records an expression and everything in it.
    pub(super) fn expression(&mut self, tree: &Expression<'_>) -> ExprId {
        let at = span(tree.span());
        if constant::may_fold(tree)
            && let Some(found) = constant::fold(tree, MOST_SIGNS)
            && let Some(value) = self.constant(&found, at)
        {
            return value;
        }
        match tree {
            Expression::Identifier(id) => self.reference(&id.name, id.span),
            Expression::StringLiteral(tree) => self.string(tree),
            Expression::NumericLiteral(tree) => self.number(tree.value, at),
            Expression::BooleanLiteral(tree) => self.word(tree.value, at),
            Expression::NullLiteral(_) => self.nothing(at),
            Expression::TemplateLiteral(tree) => self.template(tree),
            Expression::CallExpression(tree) => self.called(tree),
            Expression::NewExpression(tree) => self.made(tree),
            Expression::ImportExpression(tree) => self.import_call(tree),
            Expression::ChainExpression(tree) => self.chain(&tree.expression, at),
            Expression::StaticMemberExpression(tree) => {
                self.part_of(&tree.object, &tree.property.name, tree.property.span, at)
            }
            Expression::ComputedMemberExpression(tree) => self.computed(tree, at),
            Expression::PrivateFieldExpression(tree) => {
                let base = self.expression(&tree.object);
                let name = self.facts.name(&format!("#{}", tree.field.name));
                self.facts.expr(Expr::Attribute(base, name), at)
            }
            Expression::ArrayExpression(tree) => self.array(tree),
            Expression::ObjectExpression(tree) => self.object(tree),
            Expression::ArrowFunctionExpression(tree) => self.arrow(tree),
            Expression::FunctionExpression(tree) => self.function(tree, Object::Own, None),
            Expression::ClassExpression(tree) => self.class(tree),
            Expression::AssignmentExpression(tree) => self.assignment(tree),
            Expression::BinaryExpression(tree) => self.operation(tree),
            Expression::ConditionalExpression(tree) => {
                self.visit(&tree.test);
                let members = [&tree.consequent, &tree.alternate];
                let members = members.map(|tree| self.expression(tree));
                self.one_of(&members, at)
            }
            Expression::LogicalExpression(tree) => {
                let (left, right) = (self.expression(&tree.left), self.expression(&tree.right));
                match tree.operator {
                    // `a && b` is `a` only where that is nothing.
                    LogicalOperator::And => right,
                    LogicalOperator::Or | LogicalOperator::Coalesce => {
                        self.one_of(&[left, right], before(at))
                    }
                }
            }
            Expression::SequenceExpression(tree) => {
                let values: Vec<_> = tree.expressions.iter().map(|t| self.expression(t)).collect();
                values.last().copied().unwrap_or_else(|| self.facts.unknown(at))
            }
            Expression::UnaryExpression(tree) => self.unary(tree),
            Expression::AwaitExpression(tree) => self.expression(&tree.argument),
            Expression::ThisExpression(_) => self.this(at),
            _ => self.rarer_expression(tree, at),
        }
    }

    fn rarer_expression(&mut self, tree: &Expression<'_>, at: Span) -> ExprId {
        match tree {
            Expression::ParenthesizedExpression(tree) => self.expression(&tree.expression),
            Expression::TaggedTemplateExpression(tree) => self.tagged(tree),
            Expression::RegExpLiteral(tree) => self.pattern(tree),
            Expression::UpdateExpression(tree) => {
                if let SimpleAssignmentTarget::AssignmentTargetIdentifier(id) = &tree.argument {
                    let name = self.facts.name(&id.name);
                    if self.declaring(name).is_some() {
                        let value = self.facts.unknown(at);
                        self.place.branches += 1;
                        self.bind(name, value, at.end);
                        self.place.branches -= 1;
                    }
                }
                self.facts.unknown(at)
            }
            Expression::YieldExpression(tree) => {
                let mut value = tree.argument.as_ref().map(|tree| self.expression(tree));
                if tree.delegate {
                    value = value.map(|value| self.facts.expr(Expr::Element(value), before(at)));
                }
                self.yielded(value);
                self.facts.unknown(at)
            }
            Expression::PrivateInExpression(tree) => {
                self.visit(&tree.right);
                self.facts.unknown(at)
            }
            Expression::ImportMeta(_) => self.global(&["import", "meta"], at),
            Expression::Super(_) => match self.place.base {
                Some(base) => base,
                None => self.facts.unknown(at),
            },
            Expression::JSXElement(tree) => {
                self.element(tree);
                self.facts.unknown(at)
            }
            Expression::JSXFragment(tree) => {
                self.children(&tree.children);
                self.facts.unknown(at)
            }
            Expression::TSAsExpression(tree) => self.expression(&tree.expression),
            Expression::TSSatisfiesExpression(tree) => self.expression(&tree.expression),
            Expression::TSTypeAssertion(tree) => self.expression(&tree.expression),
            Expression::TSNonNullExpression(tree) => self.expression(&tree.expression),
            Expression::TSInstantiationExpression(tree) => self.expression(&tree.expression),
            _ => self.facts.unknown(at),
        }
    }

    /// Records a name.
    pub(super) fn reference(&mut self, name: &str, at: oxc_span::Span) -> ExprId {
        let id = self.identifier(name, at);
        let here = span(at);
        if self.declaring(id).is_none() {
            match name {
                "undefined" => return self.nothing(here),
                "NaN" | "Infinity" => return self.facts.unknown(here),
                "arguments" => return self.all_arguments(here),
                "exports" => return self.own_module(here),
                _ => {}
            }
        }
        self.name_here(id, here)
    }

    pub(super) fn string(&mut self, tree: &StringLiteral<'_>) -> ExprId {
        let at = span(tree.span);
        if constant::is_escaped(tree) {
            return self.put_together(&tree.value, at);
        }
        self.facts.text(&tree.value, at)
    }

    /// Records a text that was not written as it is.
    fn put_together(&mut self, text: &str, at: Span) -> ExprId {
        let whole = self.facts.text(text, at);
        let rest = self.facts.text("", at);
        let list = self.facts.list(&[whole, rest]);
        self.facts.expr(Expr::Template(list), at)
    }

    fn constant(&mut self, value: &Constant, at: Span) -> Option<ExprId> {
        Some(match value {
            Constant::Undefined => self.nothing(at),
            Constant::Boolean(value) => self.word(*value, at),
            Constant::Number(number) => self.number(*number, at),
            Constant::Text(text, true) => self.put_together(text, at),
            Constant::Text(text, false) => self.facts.text(text, at),
            Constant::Native(_) => self.global(&["Function", "prototype"], at),
            Constant::Array(_) => return None,
        })
    }

    #[expect(clippy::as_conversions, reason = "whole and far from the limits")]
    #[expect(clippy::cast_possible_truncation, reason = "whole and far from the limits")]
    fn number(&mut self, number: f64, at: Span) -> ExprId {
        if number.fract() == 0.0 && number.abs() < 9e15 {
            return self.facts.expr(Expr::Integer(number as i64), at);
        }
        self.facts.unknown(at)
    }

    fn word(&mut self, value: bool, at: Span) -> ExprId {
        let word = if value { Word::True } else { Word::False };
        self.facts.expr(Expr::Word(word), at)
    }

    fn template(&mut self, tree: &TemplateLiteral<'_>) -> ExprId {
        let mut parts = Vec::new();
        for (number, quasi) in tree.quasis.iter().enumerate() {
            let text = quasi.value.cooked.as_ref().unwrap_or(&quasi.value.raw);
            if !text.is_empty() {
                parts.push(self.facts.text(text, span(quasi.span)));
            }
            if let Some(inner) = tree.expressions.get(number) {
                parts.push(self.expression(inner));
            }
        }
        let list = self.facts.list(&parts);
        self.facts.expr(Expr::Template(list), span(tree.span))
    }

    /// A pattern has its source as a text.
    fn pattern(&mut self, tree: &RegExpLiteral<'_>) -> ExprId {
        let at = span(tree.span);
        let (source, flags) = (&tree.regex.pattern.text, tree.regex.flags.to_string());
        let members = [("source", source.as_str()), ("flags", &flags)].map(|(key, text)| {
            let key = self.facts.text(key, before(at));
            let text = self.facts.text(text, before(at));
            self.facts.expr(Expr::Pair(key, text), before(at))
        });
        let list = self.facts.list(&members);
        self.facts.expr(Expr::Record(list), at)
    }

    /// `` tag`text` ``
    fn tagged(&mut self, tree: &TaggedTemplateExpression<'_>) -> ExprId {
        let tag = self.expression(&tree.tag);
        let at = span(tree.span);
        let is_raw = tree.tag.as_member_expression().is_some_and(|member| {
            member.static_property_name() == Some("raw")
                && matches!(member.object(), Expression::Identifier(id) if id.name == "String")
        });
        if is_raw {
            return self.template(&tree.quasi);
        }
        let mut texts = Vec::new();
        for quasi in &tree.quasi.quasis {
            let text = quasi.value.cooked.as_ref().unwrap_or(&quasi.value.raw);
            texts.push(self.facts.text(text, span(quasi.span)));
        }
        let list = self.facts.list(&texts);
        let mut arguments = vec![self.facts.expr(Expr::Items(list), span(tree.quasi.span))];
        arguments.extend(tree.quasi.expressions.iter().map(|tree| self.expression(tree)));
        self.call(tag, &arguments, at)
    }

    fn array(&mut self, tree: &ArrayExpression<'_>) -> ExprId {
        let mut members = Vec::with_capacity(tree.elements.len());
        for element in &tree.elements {
            let at = span(element.span());
            members.push(match element {
                ArrayExpressionElement::SpreadElement(tree) => {
                    let value = self.expression(&tree.argument);
                    self.facts.expr(Expr::Spread(value), at)
                }
                other => match other.as_expression() {
                    Some(tree) => self.expression(tree),
                    None => self.nothing(at),
                },
            });
        }
        let list = self.facts.list(&members);
        self.facts.expr(Expr::Items(list), span(tree.span))
    }

    fn assignment(&mut self, tree: &AssignmentExpression<'_>) -> ExprId {
        let at = span(tree.span);
        let before_it = match (tree.operator, tree.left.as_simple_assignment_target()) {
            (AssignmentOperator::Assign, _) | (_, None) => None,
            (_, Some(target)) => Some(self.target_value(target)),
        };
        let added = self.assigned(tree);
        let value = match (before_it, tree.operator) {
            (None, _) => added,
            (Some(first), AssignmentOperator::Addition) => {
                let list = self.facts.list(&[first, added]);
                self.facts.expr(Expr::Sum(list), at)
            }
            (Some(first), operator) if operator.is_logical() => {
                self.one_of(&[first, added], before(at))
            }
            (Some(first), operator) => {
                let operator =
                    operator.to_binary_operator().map_or(Operator::Other, self::operator);
                self.facts.expr(Expr::Binary(operator, first, added), at)
            }
        };
        self.assign(&tree.left, value, at.end);
        self.copied_part(tree);
        value
    }

    /// What stands on the right; a function that is given to `X.prototype` has objects of `X`.
    fn assigned(&mut self, tree: &AssignmentExpression<'_>) -> ExprId {
        if let (Expression::FunctionExpression(function), Some(member)) =
            (tree.right.get_inner_expression(), tree.left.as_member_expression())
        {
            let owner = match member.object().get_inner_expression() {
                Expression::StaticMemberExpression(inner) if inner.property.name == "prototype" => {
                    inner.object.get_inner_expression()
                }
                other => other,
            };
            if let Expression::Identifier(id) = owner
                && self.is_declared(&id.name)
            {
                let name = self.facts.name(&id.name);
                let at = before(span(id.span));
                let owner = self.name_here(name, at);
                return self.function(function, Object::Given(super::This::Expr(owner)), None);
            }
        }
        self.expression(&tree.right)
    }

    fn target_value(&mut self, target: &SimpleAssignmentTarget<'_>) -> ExprId {
        match target {
            SimpleAssignmentTarget::AssignmentTargetIdentifier(id) => {
                self.reference(&id.name, id.span)
            }
            other => match other.as_member_expression() {
                Some(member) => {
                    let base = self.expression(member.object());
                    match member.static_property_name() {
                        Some(name) => {
                            let name = self.facts.name(name);
                            self.facts.expr(Expr::Attribute(base, name), span(member.span()))
                        }
                        None => self.facts.unknown(span(member.span())),
                    }
                }
                None => self.facts.unknown(span(other.span())),
            },
        }
    }

    fn unary(&mut self, tree: &UnaryExpression<'_>) -> ExprId {
        let at = span(tree.span);
        match tree.operator {
            UnaryOperator::Typeof => {
                // To ask what something is does nothing with it.
                if !matches!(tree.argument.get_inner_expression(), Expression::Identifier(_)) {
                    if tree.argument.get_inner_expression().as_member_expression().is_some() {
                        self.facts.dead(span(tree.argument.span()));
                    }
                    self.visit(&tree.argument);
                }
                self.facts.unknown(at)
            }
            UnaryOperator::Void => {
                self.visit(&tree.argument);
                self.nothing(at)
            }
            operator => {
                let inner = self.expression(&tree.argument);
                match (operator, self.facts.get(inner)) {
                    (UnaryOperator::LogicalNot, Expr::Integer(number)) => {
                        self.word(number == 0, at)
                    }
                    (UnaryOperator::LogicalNot, Expr::Word(word)) => {
                        self.word(word != Word::True, at)
                    }
                    (UnaryOperator::UnaryNegation, Expr::Integer(number)) => {
                        self.facts.expr(Expr::Integer(number.saturating_neg()), at)
                    }
                    (UnaryOperator::BitwiseNot, Expr::Integer(number)) => {
                        self.facts.expr(Expr::Integer(!number), at)
                    }
                    (UnaryOperator::UnaryPlus, Expr::Integer(_)) => inner,
                    (UnaryOperator::UnaryPlus, _) => {
                        let number = self.global(&["Number"], at);
                        self.call(number, &[inner], before(at))
                    }
                    _ => self.facts.unknown(at),
                }
            }
        }
    }

    /// Records a chain of operators from the left, without recursion: chains are long.
    fn operation(&mut self, tree: &BinaryExpression<'_>) -> ExprId {
        let mut chain = vec![tree];
        let mut first = &tree.left;
        while let Expression::BinaryExpression(inner) = first {
            chain.push(inner);
            first = &inner.left;
        }
        let first = self.expression(first);
        let mut values = Chain::new(first);
        for tree in chain.into_iter().rev() {
            let right = self.expression(&tree.right);
            let at = span(tree.span);
            if tree.operator == BinaryOperator::Addition {
                values.add(right, at);
            } else {
                values.apply(&mut self.facts, operator(tree.operator), right, at);
            }
        }
        values.finish(&mut self.facts)
    }
}

const fn operator(operator: BinaryOperator) -> Operator {
    match operator {
        BinaryOperator::Subtraction => Operator::Subtract,
        BinaryOperator::Multiplication => Operator::Multiply,
        BinaryOperator::Division => Operator::Divide,
        BinaryOperator::Remainder => Operator::Modulo,
        BinaryOperator::ShiftLeft => Operator::ShiftLeft,
        BinaryOperator::ShiftRight | BinaryOperator::ShiftRightZeroFill => Operator::ShiftRight,
        BinaryOperator::BitwiseOR => Operator::Or,
        BinaryOperator::BitwiseXOR => Operator::Xor,
        BinaryOperator::BitwiseAnd => Operator::And,
        _ => Operator::Other,
    }
}
