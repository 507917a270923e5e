//! JSX: what stands in braces runs, and what stands between tags is text.

use oxc_ast::ast::{
    JSXAttributeItem, JSXAttributeName, JSXAttributeValue, JSXChild, JSXElement, JSXElementName,
    JSXExpression, JSXMemberExpressionObject,
};

use super::{Lowering, before, span};
use crate::scan::facts::{Expr, ExprId, Store};

impl Lowering<'_> {
    pub(super) fn element(&mut self, tree: &JSXElement<'_>) {
        match &tree.opening_element.name {
            JSXElementName::IdentifierReference(id) => {
                self.reference(&id.name, id.span);
            }
            JSXElementName::MemberExpression(member) => {
                let mut names = vec![(&member.property.name, span(member.span))];
                let mut object = &member.object;
                while let JSXMemberExpressionObject::MemberExpression(inner) = object {
                    names.push((&inner.property.name, span(inner.span)));
                    object = &inner.object;
                }
                if let JSXMemberExpressionObject::IdentifierReference(id) = object {
                    let mut value = self.reference(&id.name, id.span);
                    for (name, at) in names.into_iter().rev() {
                        let name = self.facts.name(name);
                        value = self.facts.expr(Expr::Attribute(value, name), at);
                    }
                }
            }
            JSXElementName::Identifier(_)
            | JSXElementName::NamespacedName(_)
            | JSXElementName::ThisExpression(_) => {}
        }
        for item in &tree.opening_element.attributes {
            match item {
                JSXAttributeItem::SpreadAttribute(tree) => self.visit(&tree.argument),
                JSXAttributeItem::Attribute(tree) => match &tree.value {
                    Some(JSXAttributeValue::ExpressionContainer(inner)) => {
                        self.attribute(&tree.name, &inner.expression);
                    }
                    Some(JSXAttributeValue::Element(tree)) => self.element(tree),
                    Some(JSXAttributeValue::Fragment(tree)) => self.children(&tree.children),
                    Some(JSXAttributeValue::StringLiteral(text)) => {
                        let value = self.facts.text(&text.value, span(text.span));
                        self.give(&tree.name, value);
                    }
                    None => {}
                },
            }
        }
        self.children(&tree.children);
    }

    /// Records what an attribute gets.
    fn attribute(&mut self, name: &JSXAttributeName<'_>, tree: &JSXExpression<'_>) {
        if let Some(tree) = tree.as_expression() {
            let value = self.expression(tree);
            self.give(name, value);
        }
    }

    fn give(&mut self, name: &JSXAttributeName<'_>, value: ExprId) {
        if let JSXAttributeName::Identifier(name) = name {
            let at = span(name.span);
            let base = self.facts.unknown(before(at));
            let key = self.facts.text(&name.name, at);
            self.facts.store(Store { base, key, value });
        }
    }

    fn contained(&mut self, tree: &JSXExpression<'_>) {
        tree.as_expression().into_iter().for_each(|tree| self.visit(tree));
    }

    pub(super) fn children(&mut self, children: &[JSXChild<'_>]) {
        for child in children {
            match child {
                JSXChild::Text(_) => {}
                JSXChild::Element(tree) => self.element(tree),
                JSXChild::Fragment(tree) => self.children(&tree.children),
                JSXChild::ExpressionContainer(tree) => self.contained(&tree.expression),
                JSXChild::Spread(tree) => self.visit(&tree.expression),
            }
        }
    }
}
