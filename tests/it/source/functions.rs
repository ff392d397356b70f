//! Functions, types and constants of a file.

use super::{closing, parts, without_tests, without_texts, words_at};

/// One function of the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Function {
    /// Its name.
    pub(crate) name: String,
    /// Parameters without `self`, each member of a tuple counted.
    pub(crate) parameters: usize,
    /// Lines of its body, braces excluded.
    pub(crate) lines: usize,
    /// Blank lines among them.
    pub(crate) blank_lines: usize,
}

/// Every function with a body; one that stands inside another counts in both.
pub(crate) fn functions(code: &str) -> Vec<Function> {
    let shape = without_texts(code);
    let mut found = Vec::new();

    for at in words_at(&shape, "fn") {
        let rest = shape[at + 2..].trim_start();
        let name: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        let Some(open) = parameters_open(&shape, at).filter(|_| !name.is_empty()) else { continue };
        let Some(close) = closing(&shape, open) else { continue };
        let body = (close..shape.len()).find(|at| matches!(shape.as_bytes()[*at], b'{' | b';'));
        let Some(body) = body.filter(|at| shape.as_bytes()[*at] == b'{') else { continue };
        let Some(end) = closing(&shape, body) else { continue };

        let inside = &code[body + 1..end];
        let lines: Vec<&str> = inside.trim_end().trim_start_matches('\n').lines().collect();
        found.push(Function {
            name,
            parameters: parameters(&shape[open + 1..close]),
            lines: lines.len(),
            blank_lines: lines.iter().filter(|line| line.trim().is_empty()).count(),
        });
    }

    found
}

/// Where the parameters of a function open: past its name and its generic parameters.
fn parameters_open(shape: &str, at: usize) -> Option<usize> {
    let bytes = shape.as_bytes();
    let mut depth = 0_i32;
    for place in at..bytes.len() {
        match bytes[place] {
            b'<' => depth += 1,
            b'>' if bytes[place - 1] != b'-' => depth -= 1,
            b'(' if depth == 0 => return Some(place),
            b'{' | b';' => return None,
            _ => {}
        }
    }
    None
}

/// How many parameters a list has, tuples opened and `self` left out.
fn parameters(list: &str) -> usize {
    parts(list).into_iter().filter(|part| !is_self(part)).map(|part| members(&part)).sum()
}

fn is_self(part: &str) -> bool {
    let name = part.split(':').next().unwrap_or_default();
    name.split_whitespace().last().is_some_and(|last| last.trim_start_matches('&') == "self")
}

/// How many things one parameter hands over: the members of a tuple, else one.
fn members(part: &str) -> usize {
    let kind = type_of(part).trim();
    let kind = kind.trim_start_matches('&').trim_start().trim_start_matches("mut ").trim_start();
    match kind.strip_prefix('(').and_then(|inside| inside.strip_suffix(')')) {
        Some(inside) => parts(inside).into_iter().map(|part| members_of_type(&part)).sum(),
        None => 1,
    }
}

fn members_of_type(kind: &str) -> usize {
    members(&format!("_: {kind}"))
}

/// What stands behind the colon that parts a pattern from its type.
fn type_of(part: &str) -> &str {
    let bytes = part.as_bytes();
    let mut depth = 0_i32;
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth -= 1,
            b':' if depth == 0 && bytes.get(at + 1) != Some(&b':') => return &part[at + 1..],
            _ => {}
        }
    }
    part
}

/// Names of the types and traits that a file defines.
pub(crate) fn type_names(code: &str) -> Vec<String> {
    let shape = without_texts(code);
    let defining = |line: &str| {
        let line = line.trim_start();
        let line = ["pub(crate) ", "pub(super) ", "pub(in ", "pub "]
            .iter()
            .find_map(|prefix| line.strip_prefix(prefix))
            .unwrap_or(line);
        let name = ["struct ", "enum ", "trait ", "type "]
            .iter()
            .find_map(|word| line.strip_prefix(word))?;
        Some(name.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>())
    };
    let is_associated =
        |line: &str| line.starts_with(' ') && line.trim_start().starts_with("type ");
    shape.lines().filter(|line| !is_associated(line)).filter_map(defining).collect()
}

/// Names of the constants outside of tests, each with the comment above it.
pub(crate) fn constants(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut comment = String::new();
    for line in without_tests(text) {
        let line = line.trim_start();
        let shown = line.strip_prefix("pub(crate) ").or_else(|| line.strip_prefix("pub(super) "));
        let shown = shown.or_else(|| line.strip_prefix("pub ")).unwrap_or(line);
        if line.starts_with("//") {
            comment.push_str(line);
            comment.push('\n');
        } else if let Some(rest) =
            shown.strip_prefix("const ").filter(|rest| !rest.starts_with("fn "))
        {
            let name = rest.split(':').next().unwrap_or_default().trim().to_owned();
            found.push((name, std::mem::take(&mut comment)));
        } else if !line.starts_with("#[") {
            comment.clear();
        }
    }
    found
}

#[test]
fn parameters_are_counted_with_tuples_opened() {
    let count = |head: &str| functions(&format!("{head} {{\n    a\n\n    b\n}}\n"))[0].clone();
    assert_eq!(count("fn f()").parameters, 0);
    assert_eq!(count("fn f(&mut self, a: u8, (b, c): (u8, &u8))").parameters, 3);
    assert_eq!(count("fn f<T: Fn(u8) -> u8>(a: &(u8, (u8, u8)), b: &[(u8, u8)])").parameters, 4);
    assert_eq!(count("fn f(f: impl Fn(u8, u8) -> BTreeMap<u8, u8>, g: fn(u8))").parameters, 2);
    assert_eq!((count("fn f()").lines, count("fn f()").blank_lines), (3, 1));
}
