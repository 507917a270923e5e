//! Formatting of texts: `"{}".format(…)` and `"%s" % …`.

use super::MOST;
use crate::scan::value::HOLE;

/// Fills `{}`, `{0}` and `{name}`; what `find` does not know becomes a hole, and
/// so does what would make the text too long.
///
/// `find` gets the name or number of a field, or the number of an unnamed one.
pub fn braces(template: &str, mut find: impl FnMut(&str) -> Option<String>) -> String {
    let mut out = String::new();
    let mut unnamed = 0_usize;
    let mut rest = template.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '{' if rest.next_if_eq(&'{').is_some() => out.push('{'),
            '}' => {
                rest.next_if_eq(&'}');
                out.push('}');
            }
            '{' => {
                let field: String = rest.by_ref().take_while(|c| *c != '}').collect();
                let (name, format) = field.split_once(':').unwrap_or((&field, ""));
                let name = name.split('!').next().unwrap_or_default();
                let value = if name.is_empty() {
                    unnamed += 1;
                    find(&(unnamed - 1).to_string())
                } else {
                    find(name)
                };
                push(&mut out, value, format == "c");
            }
            _ => out.push(c),
        }
    }
    out
}

/// Returns the names of the attributes that fields take parts by: `{0.__class__.__init__}`.
pub fn parts(template: &str) -> impl Iterator<Item = &str> {
    let fields = template.split('{').skip(1).filter_map(|rest| rest.split('}').next());
    let paths = fields.map(|field| field.split([':', '!']).next().unwrap_or_default());
    let names = paths.flat_map(|path| path.split(['.', '[', ']']).skip(1));
    names.filter(|name| !name.is_empty())
}

/// Fills `%s`, `%c`, `%d`, `%x` and `%(name)s`.
pub fn percent(template: &str, mut find: impl FnMut(&str) -> Option<String>) -> String {
    let mut out = String::new();
    let mut unnamed = 0_usize;
    let mut rest = template.chars().peekable();
    while let Some(c) = rest.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        if rest.next_if_eq(&'%').is_some() {
            out.push('%');
            continue;
        }
        let name = rest
            .next_if_eq(&'(')
            .map(|_| rest.by_ref().take_while(|c| *c != ')').collect::<String>());
        while rest.next_if(|c| matches!(c, '0'..='9' | '.' | '-' | '+' | '#' | ' ')).is_some() {}
        let Some(kind) = rest.next() else { break };
        let value = match name {
            Some(name) => find(&name),
            None => {
                unnamed += 1;
                find(&(unnamed - 1).to_string())
            }
        };
        push(&mut out, value, kind == 'c');
    }
    out
}

fn push(out: &mut String, value: Option<String>, is_character: bool) {
    match value {
        Some(value) if is_character => {
            let code = value.parse().ok().and_then(super::character);
            match code {
                Some(code) => out.push(code),
                None => out.push_str(&value),
            }
        }
        Some(value) if out.len().saturating_add(value.len()) <= MOST => out.push_str(&value),
        Some(_) | None => out.push(HOLE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_filled_by_number_name_and_order() {
        let find = |name: &str| match name {
            "0" => Some("sys".to_owned()),
            "1" => Some("tem".to_owned()),
            "x" => Some("101".to_owned()),
            _ => None,
        };
        assert_eq!(braces("{}{}", find), "system");
        assert_eq!(braces("{1}{0!s}", find), "temsys");
        assert_eq!(braces("{{{x:c}}}", find), "{e}");
        assert_eq!(braces("a{y}", find), format!("a{HOLE}"));
        assert_eq!(parts("{{}} {0.a[b].c!r:>9} {}").collect::<Vec<_>>(), ["a", "b", "c"]);
        assert_eq!(percent("%s%s", find), "system");
        assert_eq!(percent("%(x)c%%", find), "e%");
    }

    #[test]
    fn what_is_filled_in_does_not_grow_without_end() {
        let find = |_: &str| Some("a".repeat(MOST / 2 + 1));
        assert!(braces(&"{0}".repeat(50), find).len() < MOST);
        assert!(percent(&"%s".repeat(50), find).len() < MOST);
    }
}
