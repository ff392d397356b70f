//! Reads the library's source as text: what is product code, which functions, types and constants
//! it has, and which file uses which. No compiler is asked, so the reading is coarse; each part is
//! tested on a text of its own.

mod functions;
mod imports;

use std::fs;
use std::path::{Path, PathBuf};

pub(crate) use functions::{constants, functions, type_names};
pub(crate) use imports::{circles, file_uses, part_uses};

/// The package's folder.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below a folder, sorted.
pub(crate) fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_path_buf()];

    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }

    files.sort();
    files
}

/// One file of `src/`.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    /// Path below `src/`, with `/`.
    pub(crate) name: String,
    /// The file as it is.
    pub(crate) text: String,
    /// Its product code: without comments and without what is compiled for tests alone.
    pub(crate) code: String,
}

impl Source {
    /// Lines outside of test modules, comments included.
    pub(crate) fn lines(&self) -> usize {
        without_tests(&self.text).len()
    }
}

/// The files of `src/` that hold product code, sorted by name.
pub(crate) fn sources() -> Vec<Source> {
    sources_of(root())
}

/// The same of another checkout of this package.
pub(crate) fn sources_of(package: &Path) -> Vec<Source> {
    let folder = package.join("src");
    files_below(&folder)
        .into_iter()
        .filter(|path| path.extension().is_some_and(|ending| ending == "rs"))
        .map(|path| {
            let name = path.strip_prefix(&folder).unwrap().to_str().unwrap().replace('\\', "/");
            let text = fs::read_to_string(&path).unwrap();
            let code = code_of(&text);
            Source { name, text, code }
        })
        .filter(|source| !is_of_tests(&source.name))
        .collect()
}

fn is_of_tests(name: &str) -> bool {
    name.ends_with("tests.rs") || name.contains("/tests/")
}

/// The text without comments and without what is compiled for tests alone.
pub(crate) fn code_of(text: &str) -> String {
    without_tests(text)
        .into_iter()
        .filter(|line| !line.trim_start().starts_with("//"))
        .map(|line| format!("{line}\n"))
        .collect()
}

/// The lines that belong to no item under `#[cfg(test)]`, wherever such an item stands.
fn without_tests(text: &str) -> Vec<&str> {
    let shape = without_texts(text);
    let mut lines = Vec::new();
    let mut skipped_to = 0;

    for (start, line) in lines_with_offsets(text) {
        if start < skipped_to {
            continue;
        }
        if line.trim() == "#[cfg(test)]" {
            skipped_to = end_of_item(&shape, start + line.len());
        } else {
            lines.push(line);
        }
    }

    lines
}

/// Each line without its end, with the place where it begins.
fn lines_with_offsets(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut start = 0;
    text.split_inclusive('\n').map(move |whole| {
        let at = start;
        start += whole.len();
        (at, whole.trim_end_matches('\n'))
    })
}

/// Where the item that begins here ends: past its `;`, or past the brace that closes its body.
fn end_of_item(shape: &str, from: usize) -> usize {
    let bytes = shape.as_bytes();
    let first = (from..bytes.len()).find(|at| matches!(bytes[*at], b';' | b'{'));
    match first {
        Some(at) if bytes[at] == b'{' => closing(shape, at).map_or(bytes.len(), |end| end + 1),
        Some(at) => at + 1,
        None => bytes.len(),
    }
}

/// Where the bracket that opens here is closed.
pub(crate) fn closing(shape: &str, open: usize) -> Option<usize> {
    let bytes = shape.as_bytes();
    let closes = match bytes.get(open)? {
        b'{' => b'}',
        b'(' => b')',
        b'[' => b']',
        _ => return None,
    };

    let mut depth = 0_usize;
    for (at, byte) in bytes.iter().enumerate().skip(open) {
        if *byte == bytes[open] {
            depth += 1;
        } else if *byte == closes {
            depth -= 1;
            if depth == 0 {
                return Some(at);
            }
        }
    }
    None
}

/// The text with the content of comments, strings and characters blanked, byte for byte of the
/// same length, so that brackets in it are code.
pub(crate) fn without_texts(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut shape = bytes.to_vec();
    let mut at = 0;

    while at < bytes.len() {
        let end = match bytes[at] {
            b'/' if bytes.get(at + 1) == Some(&b'/') => end_of_line(bytes, at),
            b'r' if is_raw_string(bytes, at) => end_of_raw_string(bytes, at),
            b'"' => end_of_string(bytes, at),
            b'\'' => end_of_character(bytes, at).unwrap_or(at + 1),
            _ => at + 1,
        };
        if end > at + 1 {
            for byte in &mut shape[at..end] {
                if *byte != b'\n' {
                    *byte = b' ';
                }
            }
        }
        at = end;
    }

    String::from_utf8(shape).unwrap()
}

fn end_of_line(bytes: &[u8], from: usize) -> usize {
    (from..bytes.len()).find(|at| bytes[*at] == b'\n').unwrap_or(bytes.len())
}

fn end_of_string(bytes: &[u8], open: usize) -> usize {
    let mut at = open + 1;
    while at < bytes.len() && bytes[at] != b'"' {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    (at + 1).min(bytes.len())
}

/// Whether `r"` or `r#"` begins here, and not a name that ends in `r`.
fn is_raw_string(bytes: &[u8], at: usize) -> bool {
    let is_inside_a_name =
        at > 0 && (bytes[at - 1].is_ascii_alphanumeric() || bytes[at - 1] == b'_');
    let quote = (at + 1..bytes.len()).find(|next| bytes[*next] != b'#');
    !is_inside_a_name && quote.is_some_and(|quote| bytes[quote] == b'"')
}

fn end_of_raw_string(bytes: &[u8], at: usize) -> usize {
    let marks = bytes[at + 1..].iter().take_while(|byte| **byte == b'#').count();
    let close = [b"\"".as_slice(), &b"#".repeat(marks)].concat();
    let first = at + marks + 2;
    let found = bytes[first.min(bytes.len())..].windows(close.len()).position(|part| part == close);
    found.map_or(bytes.len(), |place| first + place + close.len())
}

/// Past a character such as `'x'` or `'\n'`; `None` for the quote of a lifetime.
fn end_of_character(bytes: &[u8], open: usize) -> Option<usize> {
    if bytes.get(open + 1) == Some(&b'\\') {
        let close = (open + 3..bytes.len()).find(|at| bytes[*at] == b'\'')?;
        return Some(close + 1);
    }

    let rest = std::str::from_utf8(&bytes[open + 1..]).ok()?;
    let width = rest.chars().next()?.len_utf8();
    (bytes.get(open + 1 + width) == Some(&b'\'')).then_some(open + width + 2)
}

/// Where a word stands that is no part of a longer one.
pub(super) fn words_at<'a>(text: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let is_name = |byte: Option<&u8>| byte.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
    text.match_indices(word).map(|(at, _)| at).filter(move |at| {
        let bytes = text.as_bytes();
        let before = at.checked_sub(1).and_then(|before| bytes.get(before));
        !is_name(before) && !is_name(bytes.get(at + word.len()))
    })
}

/// The parts of a list between its outermost commas.
pub(super) fn parts(list: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut depth = 0_i32;
    let mut before = ' ';

    for c in list.chars() {
        match c {
            '(' | '[' | '{' | '<' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            '>' if before != '-' => depth -= 1,
            _ => {}
        }
        if c == ',' && depth == 0 {
            parts.push(String::new());
        } else if let Some(last) = parts.last_mut() {
            last.push(c);
        }
        before = c;
    }

    parts.into_iter().filter(|part| !part.trim().is_empty()).collect()
}

#[test]
fn code_is_what_no_test_and_no_comment_holds() {
    let text = "// polars\nuse a;\n\n#[cfg(test)]\nmod tests {\n    use polars;\n}\n";
    assert_eq!(code_of(text), "use a;\n\n");
    let declared_early = "#[cfg(test)]\nmod tests;\n\nfn seen() {}\n";
    assert_eq!(code_of(declared_early), "\nfn seen() {}\n");
    let one_function =
        "#[cfg(test)]\n#[allow(x)]\nfn only() {\n    let s = \"}\";\n}\nfn seen() {}\n";
    assert_eq!(code_of(one_function), "fn seen() {}\n");
}

#[test]
fn brackets_in_texts_are_no_code() {
    let text = "let a = '{'; let b: &'a str = \"}\\\"}\"; let c = r#\"}\"}\"#; // }\n";
    let shape = without_texts(text);
    assert_eq!(shape.len(), text.len());
    assert!(!shape.contains('}') && !shape.contains('{') && shape.contains("&'a str"), "{shape}");
}
