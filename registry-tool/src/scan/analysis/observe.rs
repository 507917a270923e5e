//! Observing: which values are references to something that a rule is about.

use std::collections::BTreeSet;
use std::rc::Rc;

use serde::{Deserialize, Serialize};

use super::{Analysis, FileId, Use};
use crate::scan::facts::{Expr, ExprId, Facts, Span, TextId};
use crate::scan::rules::{Condition, Member, Rule, ScopeKind, ScopeSource};
use crate::scan::symbols::SymbolId;
use crate::scan::value::{Arguments, HOLE, Origin, Value, Values};

/// What was found in a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Reference {
    /// The path of the file.
    pub path: String,
    /// Where: for code in a string, where the string is.
    pub span: Span,
    /// What.
    pub kind: Kind,
}

/// What a reference is to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Something that a rule is about.
    Rule {
        /// The rule.
        rule: String,
        /// The qualified name.
        symbol: String,
        /// What the capability is limited to, if that can be seen: kind and text.
        scope: Option<(ScopeKind, String)>,
        /// Whether it is a path that a caller hands over, or one below the working folder.
        is_near: bool,
    },
    /// Something that a rule is about, by a name that was put together or decoded.
    HiddenName {
        /// The qualified name.
        symbol: String,
    },
    /// A part of something sensitive, by a name that cannot be seen.
    Unresolved {
        /// What it is a part of.
        symbol: String,
    },
    /// Code that was decoded is run.
    HiddenCode,
    /// Code that comes from elsewhere is run.
    ForeignCode {
        /// Where it comes from.
        symbol: String,
    },
    /// What the front-end noticed.
    Noted {
        /// The code of the finding.
        code: String,
        /// What is wrong.
        message: String,
    },
    /// The analysis was given up.
    Exhausted,
}

/// What was found so far.
#[derive(Debug, Default)]
pub(super) struct Sink {
    found: BTreeSet<(FileId, Span, Kind)>,
}

impl Analysis {
    pub(super) fn record(&mut self, file: FileId, span: Span, kind: Kind) {
        if !self.is_collecting && !self.file(file).facts.is_dead(span) {
            self.sink.found.insert((file, span, kind));
        }
    }

    /// Records something about the expression that is being evaluated.
    pub(super) fn note(&mut self, kind: Kind) {
        let (file, id) = self.here;
        let span = self.file(file).facts.span(id);
        self.record(file, span, kind);
    }

    pub(super) fn finish(self) -> Vec<Reference> {
        let found = self.sink.found.iter();
        let mut references: Vec<_> = found
            .map(|(file, span, kind)| {
                let (mut file, mut span) = (*file, *span);
                while let Some((outer, outside)) = self.file(file).outer {
                    (file, span) = (outer, outside);
                }
                Reference { path: self.file(file).path.clone(), span, kind: kind.clone() }
            })
            .collect();
        references.sort();
        references.dedup();
        references
    }

    /// Looks at what an expression stands for.
    pub(super) fn observe(&mut self, file: FileId, facts: &Facts, id: ExprId, values: &Values) {
        let span = facts.span(id);
        if span.start == span.end {
            return;
        }
        let expr = facts.expr(id);
        if let Expr::Attribute(base, name) = expr {
            self.observe_attribute(file, base, facts.name(name), span);
        }
        if let Expr::Name(name, _) = expr
            && values.iter().all(|value| *value == Value::Unknown)
            && let Some(rule) = self.symbols.attribute_rule(facts.name(name))
            // A name of the plugin's own is what it is bound to.
            && facts.bindings.iter().all(|binding| binding.name != name)
        {
            let (rule, symbol) = (rule.id.clone(), facts.name(name).to_owned());
            self.record(file, span, Kind::Rule { rule, symbol, scope: None, is_near: false });
        }
        let base = match expr {
            Expr::Attribute(base, _) | Expr::Index(base, _) => Some(base),
            Expr::Name(..) | Expr::Import(..) | Expr::Call(..) => None,
            _ => return,
        };
        let part = match self.file(file).uses.get(id.position()) {
            // What is called is judged with its arguments.
            Some(Use::Called) => return,
            Some(Use::Base(name)) => Some(facts.name(*name)),
            Some(Use::Item(_) | Use::Value) | None => None,
        };
        let member = self.member_taken(file, facts, id);
        for value in values.iter() {
            let Value::Symbol(symbol) = value else { continue };
            if self.symbols.is_covered(*symbol)
                && !self.symbols.is_result(*symbol)
                && !self.symbols.goes_on(*symbol)
                && !self.is_continued(file, facts, base, *symbol)
                && !part.is_some_and(|part| self.leads_to_safety(*symbol, part))
            {
                self.mention((file, span), *symbol, member.as_ref());
            }
        }
    }

    /// Returns the member of an expression that is taken, by name or by a constant key.
    fn member_taken(
        &mut self,
        file: FileId,
        facts: &Facts,
        id: ExprId,
    ) -> Option<(Member, String)> {
        match *self.file(file).uses.get(id.position())? {
            Use::Base(name) => Some((Member::Part, facts.name(name).to_owned())),
            Use::Item(key) => match &*self.evaluate(file, key) {
                [Value::Text(text, origin)] if !origin.has_holes() => {
                    Some((Member::Item, text.to_string()))
                }
                _ => None,
            },
            Use::Called | Use::Value => None,
        }
    }

    /// Looks at a constant text.
    pub(super) fn observe_constant(
        &mut self,
        file: FileId,
        facts: &Facts,
        id: ExprId,
        text: TextId,
    ) {
        let text = facts.text(text);
        if text.len() < 8 || !text.contains(&b'.') || text.contains(&b' ') {
            return;
        }
        let text = String::from_utf8_lossy(text);
        if let Some((rule, part)) = self.symbols.text_rule(&text) {
            let (rule, symbol) = (rule.id.clone(), part.to_owned());
            let kind = Kind::Rule { rule, symbol, scope: None, is_near: false };
            self.record(file, facts.span(id), kind);
        }
    }

    /// Looks at the name of an argument.
    pub(super) fn observe_keyword(&mut self, file: FileId, name: &str, span: Span) {
        if let Some(rule) = self.symbols.keyword_rule(name) {
            let (rule, symbol) = (rule.id.clone(), format!("{name}=…"));
            self.record(file, span, Kind::Rule { rule, symbol, scope: None, is_near: false });
        }
    }

    /// Tells whether a part of a symbol is safe although the symbol is not.
    fn leads_to_safety(&mut self, symbol: SymbolId, part: &str) -> bool {
        let part = self.symbols.child(symbol, part);
        !self.symbols.is_covered(part)
    }

    /// Tells whether a part only goes on from something that the same rules are about.
    fn is_continued(
        &mut self,
        file: FileId,
        facts: &Facts,
        base: Option<ExprId>,
        symbol: SymbolId,
    ) -> bool {
        let Some(base) = base else { return false };
        let span = facts.span(base);
        if span.start == span.end {
            return false;
        }
        let coverage = self.symbols.coverage(symbol);
        let bases = self.evaluate(file, base);
        bases.iter().any(
            |base| matches!(base, Value::Symbol(base) if self.symbols.coverage(*base) == coverage),
        )
    }

    /// A mention counts like a call without arguments.
    fn mention(
        &mut self,
        (file, span): (FileId, Span),
        symbol: SymbolId,
        member: Option<&(Member, String)>,
    ) {
        let coverage = self.symbols.coverage(symbol);
        let fits = |rule: &&Rc<Rule>| rule.when.iter().all(|condition| condition.absent);
        let scoped = |rule: &Rc<Rule>| {
            let source = rule.scope.as_ref();
            let scope = source.zip(member).and_then(|(source, (how, name))| {
                source.members.contains(how).then(|| (source.kind, name.clone()))
            });
            (rule.id.clone(), scope)
        };
        let rules: Vec<_> = self.symbols.rules(coverage).filter(fits).map(scoped).collect();
        for (rule, scope) in rules {
            let symbol = self.symbols.text(symbol);
            self.record(file, span, Kind::Rule { rule, symbol, scope, is_near: false });
        }
    }

    /// Looks at a call of a symbol with its arguments.
    pub(super) fn judge_call(
        &mut self,
        file: FileId,
        callee: ExprId,
        symbol: SymbolId,
        arguments: &Arguments,
    ) {
        if self.is_collecting || !self.symbols.is_covered(symbol) {
            return;
        }
        let coverage = self.symbols.coverage(symbol);
        if self.symbols.goes_on(symbol) || self.symbols.is_result(symbol) {
            return;
        }
        let is_own = self.imports_own_file(file, symbol, arguments);
        let span = self.file(file).facts.span(callee);
        let rules: Vec<Rc<Rule>> = self.symbols.rules(coverage).cloned().collect();
        for rule in rules {
            let is_about_name = is_own && !rule.when.is_empty();
            if is_about_name || !rule.when.iter().all(|when| self.holds(when, arguments)) {
                continue;
            }
            let scope = rule.scope.as_ref().and_then(|source| self.scope(source, arguments));
            let symbol = self.symbols.text(symbol);
            let is_near = rule.scope.as_ref().is_some_and(|source| self.is_near(source, arguments));
            let rule = rule.id.clone();
            self.record(file, span, Kind::Rule { rule, symbol, scope, is_near });
        }
    }

    pub(super) fn holds(&mut self, condition: &Condition, arguments: &Arguments) -> bool {
        let found = arguments.find(condition.argument, condition.name.as_deref()).cloned();
        let Some(values) = found else { return condition.absent };
        if condition.each {
            return self.holds_for_a_part(condition, &values);
        }
        values.iter().any(|value| match self.flat_text(value) {
            Some(_) if condition.seen.is_some_and(|seen| seen != is_seen(value)) => false,
            _ if condition.text && !matches!(value, Value::Text(..)) => false,
            None if condition.seen == Some(true) => false,
            Some(text) => {
                let any = condition.any.is_empty()
                    || condition.any.iter().any(|part| text.contains(part.as_str()));
                let none = condition.none.iter().any(|part| text.contains(part.as_str()));
                any && !none
            }
            None => condition.unknown,
        })
    }

    /// Returns an argument as text: lists with spaces between their items.
    fn flat_text(&mut self, value: &Value) -> Option<String> {
        match value {
            Value::Text(text, _) => Some(text.to_string()),
            Value::Bytes(bytes, _) => Some(String::from_utf8_lossy(bytes).into_owned()),
            Value::Integer(number) => Some(number.to_string()),
            Value::Word(word) => Some(format!("{word:?}")),
            Value::Symbol(symbol) => Some(self.symbols.text(*symbol)),
            Value::OwnPath(up) => {
                // Above the top folder nothing is the plugin's own.
                let depth = self.file(self.here.0).path.matches('/').count() + 1;
                let is_own = usize::from(*up) <= depth;
                Some(if is_own { "<own>" } else { "<outside>" }.to_owned())
            }
            Value::Items(_) | Value::Container(..) => {
                let items = self.sequence(value)?;
                let mut parts = Vec::new();
                for item in items.iter().take(64) {
                    let part = item.first().and_then(|value| match value {
                        Value::Text(text, _) => Some(text.to_string()),
                        _ => None,
                    });
                    parts.push(part.unwrap_or_else(|| HOLE.to_string()));
                }
                Some(parts.join(" "))
            }
            _ => None,
        }
    }

    pub(super) fn scope(
        &mut self,
        source: &ScopeSource,
        arguments: &Arguments,
    ) -> Option<(ScopeKind, String)> {
        let values = arguments.find(source.argument, source.name.as_deref())?;
        let [value] = &**values else { return None };
        let text = match value {
            Value::Text(text, origin) if !origin.has_holes() || source.kind == ScopeKind::Host => {
                text.to_string()
            }
            Value::Items(_) | Value::Container(..) => {
                let items = self.sequence(value)?;
                match items.first().map(|values| &**values) {
                    Some([Value::Text(text, _)]) => text.to_string(),
                    _ => return None,
                }
            }
            _ => return None,
        };
        let text = match source.kind {
            ScopeKind::Host => host_of(&text)?,
            ScopeKind::Path | ScopeKind::Name => text,
        };
        Some((source.kind, text))
    }

    /// Tells whether all that a path can be is unknown, or lies below the working folder.
    fn is_near(&mut self, source: &ScopeSource, arguments: &Arguments) -> bool {
        let values = arguments.find(source.argument, source.name.as_deref());
        let is_near = |value: &Value| match value {
            Value::Unknown | Value::OwnPath(_) => true,
            Value::Text(text, _) => is_below(text),
            _ => false,
        };
        source.kind == ScopeKind::Path
            && values.is_some_and(|values| !values.is_empty() && values.iter().all(is_near))
    }

    fn observe_attribute(&mut self, file: FileId, base: ExprId, name: &str, span: Span) {
        let Some(rule) = self.symbols.attribute_rule(name).map(|rule| rule.id.clone()) else {
            return;
        };
        // A part of the plugin's own that happens to have the name is harmless.
        let bases = self.evaluate(file, base);
        let is_own = bases.iter().all(|base| {
            matches!(base, Value::Module(_))
                || matches!(base, Value::Instance(..) | Value::Class(..))
        }) && !bases.is_empty()
            && bases
                .iter()
                .all(|base| self.attribute(base, name).iter().all(|v| *v != Value::Unknown));
        if !is_own {
            let symbol = format!("….{name}");
            self.record(file, span, Kind::Rule { rule, symbol, scope: None, is_near: false });
        }
    }

    /// Looks at the name of an attribute that is got by a text.
    pub(super) fn note_attribute(&mut self, name: &str, origin: Origin) {
        let Some(rule) = self.symbols.attribute_rule(name).map(|rule| rule.id.clone()) else {
            return;
        };
        let symbol = format!("….{name}");
        if origin.is_disguised() {
            self.note(Kind::HiddenName { symbol: symbol.clone() });
        }
        self.note(Kind::Rule { rule, symbol, scope: None, is_near: false });
    }

    /// Looks at values that were reached by a name in a text.
    pub(super) fn note_named(&mut self, _name: &str, origin: Origin, values: &Values) {
        if self.is_collecting || !origin.is_disguised() {
            return;
        }
        for value in values.iter() {
            if let Value::Symbol(symbol) = value
                && (self.symbols.is_covered(*symbol) || self.symbols.is_namespace(*symbol))
                && !self.symbols.goes_on(*symbol)
            {
                let symbol = self.symbols.text(*symbol);
                self.note(Kind::HiddenName { symbol });
            }
        }
    }

    /// A part of this is used by a name that cannot be seen.
    pub(super) fn note_unresolved(&mut self, value: &Value) {
        let symbol = match value {
            Value::Symbol(symbol) if self.symbols.is_namespace(*symbol) => {
                self.symbols.text(*symbol)
            }
            _ => return,
        };
        self.note(Kind::Unresolved { symbol });
    }

    /// Code from elsewhere is run.
    pub(super) fn note_foreign_code(&mut self, symbol: SymbolId) {
        let coverage = self.symbols.coverage(symbol);
        let network = |rule: &Rc<Rule>| {
            matches!(rule.capability.as_deref(), Some("network" | "code.deserialize"))
        };
        if self.symbols.rules(coverage).any(network) {
            let symbol = self.symbols.text(symbol);
            self.note(Kind::ForeignCode { symbol });
        }
    }

    /// A sensitive module that is handed to something unknown can be used there.
    pub(super) fn let_out(&mut self, file: FileId, argument: ExprId) {
        if self.is_collecting {
            return;
        }
        let facts: Rc<Facts> = self.facts(file);
        let inner = match facts.expr(argument) {
            Expr::Keyword(_, inner) | Expr::Spread(inner) => inner,
            _ => argument,
        };
        let values = self.evaluate(file, inner);
        for value in values.iter() {
            let escaped = match value {
                Value::Symbol(symbol) => Some(*symbol),
                Value::Namespace(inner) => match **inner {
                    Value::Symbol(symbol) => Some(symbol),
                    _ => None,
                },
                _ => None,
            };
            if let Some(symbol) = escaped
                && self.symbols.is_namespace(symbol)
                && symbol != self.symbols.globals()
            {
                let symbol = self.symbols.text(symbol);
                self.record(file, facts.span(argument), Kind::Unresolved { symbol });
            }
        }
    }
}

/// Tells whether a value is a text of which everything is known.
fn is_seen(value: &Value) -> bool {
    match value {
        Value::Text(_, origin) => !origin.has_holes(),
        Value::OwnPath(_) => true,
        _ => false,
    }
}

/// Tells whether a path neither starts elsewhere nor climbs, nor has parts that a system puts in.
fn is_below(path: &str) -> bool {
    let is_plain = !path.starts_with(['/', '\\', '~']) && !path.contains([':', '$', '%']);
    is_plain && path.split(['/', '\\']).all(|part| part != "..")
}

/// Returns the host of a URL, or the text itself if it is a host.
fn host_of(text: &str) -> Option<String> {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let host = host.split(':').next().unwrap_or_default().to_ascii_lowercase();
    let is_host = !host.is_empty()
        && host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'));
    (is_host && (!text.contains(HOLE) || rest.contains('/'))).then_some(host)
}
