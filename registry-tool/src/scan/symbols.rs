//! Symbols: qualified names, each kept once, with what the rules and the language say of it.

mod part;

use std::rc::Rc;

use super::language::{Intrinsic, Language};
use super::rules::{Rule, RuleFile};
use super::table::Table;

/// A symbol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SymbolId(u32);

impl SymbolId {
    /// Returns a number that no other symbol has.
    pub fn number(self) -> u64 {
        u64::from(self.0)
    }
}

/// The rules that a symbol falls under, its own or those of the nearest symbol above it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Coverage(u32);

impl Coverage {
    fn position(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a question of its own")]
struct Node {
    parent: SymbolId,
    name: u32,
    depth: u16,
    /// The index of its rules; 0 is the empty set.
    coverage: Coverage,
    has_own_rules: bool,
    intrinsic: Option<Intrinsic>,
    canonical: Option<SymbolId>,
    is_namespace: bool,
    is_harmless: bool,
    has_call: bool,
}

type Map<K> = Table<K, u32>;

/// All symbols of an analysis.
#[derive(Debug)]
pub struct Symbols {
    nodes: Vec<Node>,
    names: Vec<Box<str>>,
    name_numbers: Map<Box<str>>,
    children: Map<(u32, u32)>,
    coverages: Vec<Vec<usize>>,
    modules: Vec<u32>,
    rules: Vec<Rc<Rule>>,
    attributes: Map<Box<str>>,
    keywords: Map<Box<str>>,
    /// The symbols that parts are by their names alone.
    parts: Map<Box<str>>,
    texts: Vec<(Box<str>, usize)>,
    /// Sinks: the name of the part, of what (of anything, if nothing), and the rule.
    sinks: Vec<(Box<str>, Option<SymbolId>, usize)>,
    global: SymbolId,
    /// How many symbols were there before any file was read.
    told: u32,
}

/// The part of a symbol that stands for the result of a call.
pub const RESULT: &str = "()";
/// The part of a symbol that stands for an item that nobody follows.
pub const ITEM: &str = "[]";
const ROOT: SymbolId = SymbolId(0);

impl Symbols {
    /// Makes the symbols that a language and its rules name.
    pub fn new(language: &Language, files: &[&RuleFile]) -> Self {
        let root = Node {
            parent: ROOT,
            name: 0,
            depth: 0,
            coverage: Coverage(0),
            has_own_rules: false,
            intrinsic: None,
            canonical: None,
            is_namespace: false,
            is_harmless: false,
            has_call: false,
        };
        let mut symbols = Self {
            nodes: vec![root],
            names: vec!["".into()],
            name_numbers: Map::default(),
            children: Map::default(),
            coverages: vec![Vec::new()],
            modules: Vec::new(),
            rules: Vec::new(),
            attributes: Map::default(),
            keywords: Map::default(),
            parts: Map::default(),
            texts: Vec::new(),
            sinks: Vec::new(),
            global: ROOT,
            told: 0,
        };
        symbols.global = symbols.parse(language.global);
        for (name, intrinsic) in language.intrinsics {
            let id = symbols.parse(name);
            symbols.node_mut(id).intrinsic = Some(*intrinsic);
        }
        for file in files {
            symbols.add(file);
        }
        symbols.sinks.sort();
        symbols.spread();
        symbols.told = u32::try_from(symbols.nodes.len()).unwrap_or(u32::MAX);
        symbols
    }

    fn add(&mut self, file: &RuleFile) {
        for name in &file.namespaces {
            let id = self.parse(name);
            self.node_mut(id).is_namespace = true;
        }
        for name in &file.harmless {
            let id = self.parse(name);
            self.node_mut(id).is_harmless = true;
        }
        for (from, to) in file.aliases.iter().chain(&file.returns) {
            let (from, to) = (self.parse(from), self.parse(to));
            self.node_mut(from).canonical = Some(to);
        }
        for (name, symbol) in &file.parts {
            let id = self.parse(symbol);
            self.parts.insert(name.as_str().into(), id.0);
        }
        for rule in &file.rules {
            let number = self.rules.len();
            self.rules.push(Rc::new(rule.clone()));
            for symbol in &rule.symbols {
                let id = self.parse(symbol);
                self.cover(id, rule.capability.is_some().then_some(number));
            }
            let texts = rule.texts.iter().map(|text| (text.as_str().into(), number));
            self.texts.extend(texts);
            for sink in &rule.sinks {
                let Some((base, name)) = sink.rsplit_once('.') else { continue };
                let base = (base != "*").then(|| self.parse(base));
                self.sinks.push((name.into(), base, number));
            }
            for keyword in &rule.keywords {
                let number = u32::try_from(number).unwrap_or(u32::MAX);
                self.keywords.insert(keyword.as_str().into(), number);
            }
            for attribute in &rule.attributes {
                let number = u32::try_from(number).unwrap_or(u32::MAX);
                self.attributes.insert(attribute.as_str().into(), number);
            }
        }
        let modules: Vec<_> = file.modules.iter().map(|module| self.name(module)).collect();
        self.modules.extend(modules);
    }

    /// Adds a rule to a symbol, or says that it is safe.
    fn cover(&mut self, id: SymbolId, rule: Option<usize>) {
        let node = self.node_mut(id);
        let is_new = !node.has_own_rules;
        node.has_own_rules = true;
        if is_new {
            let number = u32::try_from(self.coverages.len()).unwrap_or(u32::MAX);
            self.coverages.push(rule.into_iter().collect());
            self.node_mut(id).coverage = Coverage(number);
        } else {
            let position = self.node(id).coverage.position();
            if let Some(rules) = self.coverages.get_mut(position) {
                rules.extend(rule);
            }
        }
    }

    /// Hands rules down to the symbols that have none of their own; parents come before children.
    fn spread(&mut self) {
        let mut order: Vec<u32> = (0..u32::try_from(self.nodes.len()).unwrap_or(0)).collect();
        order.sort_by_key(|number| self.node(SymbolId(*number)).depth);
        for number in order {
            let id = SymbolId(number);
            let parent = self.node(id).parent;
            let above = self.node(parent).coverage;
            if !self.node(id).has_own_rules {
                self.node_mut(id).coverage = above;
            } else if self.only_adds(self.node(id).coverage) {
                let inherited = self.coverages.get(above.position()).cloned().unwrap_or_default();
                let own = self.node(id).coverage.position();
                if let Some(rules) = self.coverages.get_mut(own) {
                    rules.extend(inherited);
                }
            }
        }
    }

    /// Rules that only hold for some calls do not take the place of those above.
    fn only_adds(&self, coverage: Coverage) -> bool {
        let mut rules = self.rules(coverage).peekable();
        rules.peek().is_some()
            && rules.all(|rule| rule.when.iter().any(|condition| !condition.absent))
    }

    fn node(&self, id: SymbolId) -> &Node {
        let position = usize::try_from(id.0).unwrap_or(0);
        self.nodes.get(position).unwrap_or_else(|| self.nodes.first().expect("there is a root"))
    }

    fn node_mut(&mut self, id: SymbolId) -> &mut Node {
        let position = usize::try_from(id.0).unwrap_or(0);
        self.nodes.get_mut(position).expect("symbols are made here alone")
    }

    fn name(&mut self, name: &str) -> u32 {
        if let Some(number) = self.name_numbers.get(name) {
            return *number;
        }
        let number = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.names.push(name.into());
        self.name_numbers.insert(name.into(), number);
        number
    }

    /// Returns a number for a name, the same for equal names.
    pub fn number(&mut self, name: &str) -> u32 {
        self.name(name)
    }

    /// Reads a qualified name as rules write it, without following aliases.
    fn parse(&mut self, text: &str) -> SymbolId {
        let mut id = ROOT;
        for part in text.split('.') {
            let mut name = part;
            let mut suffixes = Vec::new();
            while let Some((rest, suffix)) = split_suffix(name) {
                suffixes.push(suffix);
                name = rest;
            }
            id = self.make(id, name);
            for suffix in suffixes.into_iter().rev() {
                id = self.make(id, suffix);
            }
        }
        id
    }

    fn make(&mut self, parent: SymbolId, name: &str) -> SymbolId {
        let name_number = self.name(name);
        if let Some(number) = self.children.get(&(parent.0, name_number)) {
            return SymbolId(*number);
        }
        let above = self.node(parent);
        let node = Node {
            parent,
            name: name_number,
            depth: above.depth.saturating_add(1),
            coverage: above.coverage,
            has_own_rules: false,
            intrinsic: None,
            canonical: None,
            is_namespace: false,
            is_harmless: false,
            has_call: above.has_call || name == RESULT || name == ITEM,
        };
        let number = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
        self.nodes.push(node);
        self.children.insert((parent.0, name_number), number);
        SymbolId(number)
    }

    /// Returns a module by its name as it is imported.
    pub fn module(&mut self, name: &str) -> SymbolId {
        name.split('.').fold(ROOT, |id, part| self.child(id, part))
    }

    /// Tells whether this is the name of a module that counts wherever it is shown.
    pub fn is_module(&self, name: &str) -> bool {
        let number = self.name_numbers.get(name);
        number.is_some_and(|number| self.modules.contains(number))
    }

    /// Returns a module by its name, without looking for another that it shows.
    pub fn module_as_written(&mut self, name: &str) -> SymbolId {
        name.split('.').fold(ROOT, |parent, part| {
            let id = self.make(parent, part);
            self.node(id).canonical.unwrap_or(id)
        })
    }

    /// Returns a part of a symbol. What it is an alias of is returned in its place.
    pub fn child(&mut self, parent: SymbolId, name: &str) -> SymbolId {
        // Results of results of results tell nothing.
        if self.node(parent).depth > 12 {
            return parent;
        }
        let id = self.make(parent, name);
        if let Some(canonical) = self.node(id).canonical {
            return canonical;
        }
        let node = self.node(id);
        if parent == ROOT || parent == self.global || node.has_call || node.has_own_rules {
            return id;
        }
        // A module that another one shows: `shutil.os`, `random._os`.
        let plain = name.trim_start_matches('_');
        let number = self.name_numbers.get(plain).copied();
        if number.is_some_and(|number| self.modules.contains(&number)) {
            return self.module(plain);
        }
        id
    }

    /// Returns a free name of the language.
    pub fn global(&mut self, name: &str) -> SymbolId {
        self.child(self.global, name)
    }

    /// Returns the namespace that free names belong to.
    pub const fn globals(&self) -> SymbolId {
        self.global
    }

    /// Tells whether a rule, an alias or the language names the symbol, or something in it.
    pub const fn is_mentioned(&self, id: SymbolId) -> bool {
        id.0 < self.told
    }

    /// Tells whether a rule, an alias or the language names this part of a symbol.
    pub fn is_told_of(&mut self, parent: SymbolId, name: &str) -> bool {
        let id = self.make(parent, name);
        let node = self.node(id);
        node.has_own_rules || node.canonical.is_some() || node.intrinsic.is_some()
    }

    /// Returns the symbol that this one is a part of.
    pub fn parent(&self, id: SymbolId) -> SymbolId {
        self.node(id).parent
    }

    /// Returns what the symbol does, if the analysis follows that.
    pub fn intrinsic(&self, id: SymbolId) -> Option<Intrinsic> {
        self.node(id).intrinsic
    }

    /// Returns the rules that the symbol falls under.
    pub fn coverage(&self, id: SymbolId) -> Coverage {
        self.node(id).coverage
    }

    /// Returns rules by their numbers.
    pub fn rules(&self, coverage: Coverage) -> impl Iterator<Item = &Rc<Rule>> {
        let numbers = self.coverages.get(coverage.position());
        numbers.into_iter().flatten().filter_map(|number| self.rules.get(*number))
    }

    /// Tells whether any rule covers the symbol.
    pub fn is_covered(&self, id: SymbolId) -> bool {
        self.rules(self.coverage(id)).next().is_some()
    }

    /// Returns the names of the parts of a symbol that rules are about.
    pub fn covered_parts(&self, symbol: SymbolId) -> impl Iterator<Item = &str> {
        let numbers = 0..u32::try_from(self.nodes.len()).unwrap_or(0);
        let parts = numbers.map(SymbolId).filter(move |id| self.node(*id).parent == symbol);
        parts.filter(|id| self.is_covered(*id)).map(|id| self.last(id))
    }

    /// Returns the rule about attributes of this name.
    pub fn attribute_rule(&self, name: &str) -> Option<&Rc<Rule>> {
        let number = self.attributes.get(name)?;
        self.rules.get(usize::try_from(*number).ok()?)
    }

    /// Returns the rule about arguments of this name.
    pub fn keyword_rule(&self, name: &str) -> Option<&Rc<Rule>> {
        let number = self.keywords.get(name)?;
        self.rules.get(usize::try_from(*number).ok()?)
    }

    /// Tells whether anything counts by what is put into a part of this name.
    pub fn is_sink(&self, name: &str) -> bool {
        self.sinks.binary_search_by(|(known, _, _)| (**known).cmp(name)).is_ok()
    }

    /// Returns the rules about what is put into a part of something.
    pub fn sink_rules(&self, base: Option<SymbolId>, name: &str) -> Vec<Rc<Rule>> {
        let start = self.sinks.partition_point(|(known, _, _)| **known < *name);
        let same = self.sinks.iter().skip(start).take_while(|(known, _, _)| **known == *name);
        let fits = same.filter(|(_, of, _)| of.is_none() || *of == base);
        fits.filter_map(|(_, _, number)| self.rules.get(*number).cloned()).collect()
    }

    /// Returns the rule about a constant text, and the part of the text that it is about.
    pub fn text_rule(&self, text: &str) -> Option<(&Rc<Rule>, &str)> {
        let (part, number) = self.texts.iter().find(|(part, _)| text.contains(&**part))?;
        self.rules.get(*number).map(|rule| (rule, &**part))
    }

    /// Tells whether no part of the symbol may be used by a name that cannot be seen.
    pub fn is_namespace(&self, id: SymbolId) -> bool {
        self.node(id).is_namespace
    }

    /// Tells whether the function only looks at its arguments.
    pub fn is_harmless(&self, id: SymbolId) -> bool {
        self.node(id).is_harmless
    }

    /// Tells whether the symbol is the result of a call, and no part of one.
    pub fn is_result(&self, id: SymbolId) -> bool {
        self.last(id) == RESULT || self.last(id) == ITEM
    }

    /// Tells whether the symbol is a part of the result of something that the same rules are
    /// about: that was said where the result came from.
    pub fn goes_on(&self, id: SymbolId) -> bool {
        let coverage = self.coverage(id);
        let mut at = id;
        while self.node(at).has_call {
            if self.is_result(at) {
                return self.coverage(at) == coverage;
            }
            at = self.parent(at);
        }
        false
    }

    /// Tells whether there is a call anywhere in the symbol.
    pub fn has_call(&self, id: SymbolId) -> bool {
        self.node(id).has_call
    }

    /// Returns the last part of the name.
    pub fn last(&self, id: SymbolId) -> &str {
        let name = usize::try_from(self.node(id).name).unwrap_or(0);
        self.names.get(name).map_or("", |name| name)
    }

    /// Returns the qualified name.
    pub fn text(&self, id: SymbolId) -> String {
        let mut parts = Vec::new();
        let mut id = id;
        while id != ROOT {
            parts.push(self.last(id));
            id = self.parent(id);
        }
        let mut text = String::new();
        for part in parts.into_iter().rev() {
            if !text.is_empty() && part != RESULT && part != ITEM {
                text.push('.');
            }
            text.push_str(part);
        }
        text
    }
}

fn split_suffix(name: &str) -> Option<(&str, &'static str)> {
    let call = name.strip_suffix(RESULT).map(|rest| (rest, RESULT));
    call.or_else(|| name.strip_suffix(ITEM).map(|rest| (rest, ITEM)))
}
