//! JSX: what stands in braces runs, and what stands between tags is text.

use oxc_ast::ast::{
    JSXAttributeItem, JSXAttributeValue, JSXChild, JSXElement, JSXElementName, JSXExpression,
    JSXMemberExpressionObject,
};

use super::{Lowering, span};
use crate::scan::facts::Expr;

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
                    Some(JSXAttributeValue::ExpressionContainer(tree)) => {
                        self.contained(&tree.expression);
                    }
                    Some(JSXAttributeValue::Element(tree)) => self.element(tree),
                    Some(JSXAttributeValue::Fragment(tree)) => self.children(&tree.children),
                    Some(JSXAttributeValue::StringLiteral(_)) | None => {}
                },
            }
        }
        self.children(&tree.children);
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
