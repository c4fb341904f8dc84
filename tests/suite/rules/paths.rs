//! Finds the paths that a Rust source names, in `use` and elsewhere.

use super::tokens::{Token, tokens};

/// A path's segments: `["crate", "store", "Store"]`, `["tokio", "time"]`.
pub type Path = Vec<String>;

/// Every path in the source of `module` (`["crate", "store", "head"]`), with
/// `self` and `super` resolved, groups written out, and `*` left off.
pub fn paths(source: &str, module: &[String]) -> Vec<Path> {
    let mut reader = Reader { tokens: tokens(source), at: 0, found: Vec::new() };
    reader.read(module);
    reader.found
}

struct Reader {
    tokens: Vec<Token>,
    at: usize,
    found: Vec<Path>,
}

impl Reader {
    /// Reads to the brace that closes `module`, or to the end of the source.
    fn read(&mut self, module: &[String]) {
        let mut depth = 0;
        while let Some(token) = self.next() {
            match token {
                Token::Sign('{') => depth += 1,
                Token::Sign('}') if depth == 0 => return,
                Token::Sign('}') => depth -= 1,
                Token::Word(word) if word == "use" => self.tree(module, &[]),
                Token::Word(word) if word == "mod" => self.inline_module(module),
                Token::Word(_) if self.peek() == Some(&Token::Separator) => {
                    self.at -= 1;
                    self.tree(module, &[]);
                }
                Token::Word(_) | Token::Separator | Token::Sign(_) => {}
            }
        }
    }

    fn inline_module(&mut self, module: &[String]) {
        let Some(Token::Word(name)) = self.next() else { return };
        if self.peek() == Some(&Token::Sign('{')) {
            self.at += 1;
            self.read(&[module, &[name]].concat());
        }
    }

    /// Reads `a::b`, `a::{b, c::d}`, `a::*` and `a as b`, each after `prefix`.
    fn tree(&mut self, module: &[String], prefix: &[String]) {
        let mut path = prefix.to_vec();
        // A path may begin with `::`, and a group inside a group with nothing.
        self.skip(&Token::Separator);
        let mut goes_on = true;
        while goes_on && let Some(Token::Word(word)) = self.peek().cloned() {
            self.at += 1;
            path.push(word);
            goes_on = self.skip(&Token::Separator);
        }
        if goes_on && self.skip(&Token::Sign('{')) {
            while !self.skip(&Token::Sign('}')) && self.at < self.tokens.len() {
                self.tree(module, &path);
                while !matches!(self.peek(), Some(Token::Sign(',' | '}')) | None) {
                    self.at += 1;
                }
                self.skip(&Token::Sign(','));
            }
        } else if !path.is_empty() {
            self.found.push(resolved(path, module));
        }
    }

    fn next(&mut self) -> Option<Token> {
        self.at += 1;
        self.tokens.get(self.at - 1).cloned()
    }

    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn skip(&mut self, token: &Token) -> bool {
        let is_next = self.peek() == Some(token);
        self.at += usize::from(is_next);
        is_next
    }
}

fn resolved(path: Path, module: &[String]) -> Path {
    let mut from = match path[0].as_str() {
        "self" | "super" => module.to_vec(),
        _ => Vec::new(),
    };
    for segment in path {
        match segment.as_str() {
            "self" => {}
            "super" => drop(from.pop()),
            _ => from.push(segment),
        }
    }
    from
}

#[test]
fn paths_are_found_wherever_they_stand_and_not_where_they_are_only_spoken_of() {
    let source = r##"
        //! use crate::comment::Line;
        /* use crate::comment /* nested */ ::Block; */
        use super::keys::{self, IndexKeys as Keys, deep::{One, Two}};
        use ::axum::Router;
        use tokio;
        const TEXT: &str = "crate::text::Plain \" crate::text::Escaped";
        const RAW: &str = r#"crate::text::Raw " still"#;
        fn f<'a>(c: char, r#type: &'a str) -> crate::domain::Order {
            if c == '"' || c == '\'' { http::Method::GET } else { Vec::<u8>::new() }
        }
        mod tests {
            use super::*;
            use super::super::Other;
        }
        #[derive(serde::Serialize)]
        struct After;
    "##;
    let module = ["crate", "store", "head"].map(str::to_owned);
    let found: Vec<_> = paths(source, &module).iter().map(|path| path.join("::")).collect();
    let expected = [
        "crate::store::keys",
        "crate::store::keys::IndexKeys",
        "crate::store::keys::deep::One",
        "crate::store::keys::deep::Two",
        "axum::Router",
        "tokio",
        "crate::domain::Order",
        "http::Method::GET",
        "Vec",
        "crate::store::head",
        "crate::store::Other",
        "serde::Serialize",
    ];
    assert_eq!(found, expected);
}
