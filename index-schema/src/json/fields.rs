//! Reading the members of an object, one by one.

use super::{FromJson, Member, Node, Problem, Reading, Span, Value};

/// The members of one object, some of which have been asked for.
#[derive(Debug)]
pub struct Fields<'n, 'r> {
    span: Span,
    members: &'n [Member],
    asked: Vec<&'static str>,
    reading: &'r mut Reading,
}

impl<'n, 'r> Fields<'n, 'r> {
    /// Opens `node`, or records that it is not an object.
    pub fn open(node: &'n Node, reading: &'r mut Reading) -> Option<Self> {
        let Value::Object(members) = &node.value else {
            reading.wrong_kind(node, "an object");
            return None;
        };
        Some(Self { span: node.span, members, asked: Vec::new(), reading })
    }

    /// Reads a member that has to be there.
    pub fn required<T: FromJson>(&mut self, name: &'static str) -> Option<T> {
        if let Some(node) = self.node(name) {
            return T::from_json(node, self.reading);
        }
        let brace = Span { start: self.span.start, end: self.span.start + 1 };
        self.reading.refuse(brace, "json/missing-field", format!("`{name}` is missing"))
    }

    /// Reads a member that may be missing.
    pub fn optional<T: FromJson>(&mut self, name: &'static str) -> Option<T> {
        let node = self.node(name)?;
        T::from_json(node, self.reading)
    }

    /// Reads a member that means its type's default when it is missing.
    pub fn default<T: FromJson + Default>(&mut self, name: &'static str) -> Option<T> {
        match self.node(name) {
            Some(node) => T::from_json(node, self.reading),
            None => Some(T::default()),
        }
    }

    /// Ends the reading of this object: members nobody asked for are problems, if they count.
    pub fn finish(self) {
        if self.reading.ignores_unknown() {
            return;
        }
        for member in self.members.iter().filter(|m| !self.asked.contains(&m.name.as_str())) {
            self.reading.problems.push(Problem {
                code: "json/unknown-field",
                span: member.name_span,
                message: format!("there is no field `{}` here", member.name),
                hint: did_you_mean(&member.name, &self.asked),
            });
        }
    }

    /// Gives access to the reading, for problems that concern several members.
    pub const fn reading(&mut self) -> &mut Reading {
        self.reading
    }

    /// Returns where the object stands.
    pub const fn span(&self) -> Span {
        self.span
    }

    /// Returns the member's value, and notes that the name is known.
    pub fn node(&mut self, name: &'static str) -> Option<&'n Node> {
        self.asked.push(name);
        self.members.iter().find(|member| member.name == name).map(|member| &member.node)
    }
}

/// Suggests the known name nearest to `name`, if one is near.
pub(crate) fn did_you_mean(name: &str, known: &[&str]) -> Option<String> {
    let near = |candidate: &&&str| {
        candidate.eq_ignore_ascii_case(name) || strsim::jaro_winkler(candidate, name) > 0.8
    };
    let score = |candidate: &&str| strsim::damerau_levenshtein(candidate, name);
    let best = known.iter().filter(near).min_by_key(|candidate| score(candidate));
    best.map(|best| format!("did you mean `{best}`?"))
}
