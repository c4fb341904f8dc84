//! Splits Rust into words and signs, without what is said in comments, strings
//! and characters.

use std::iter::Peekable;
use std::str::Chars;

/// A part of a source that can belong to a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    /// An identifier, keyword or number.
    Word(String),
    /// `::`
    Separator,
    /// Anything else, a character at a time.
    Sign(char),
}

/// The tokens of a source, in order.
pub fn tokens(text: &str) -> Vec<Token> {
    let mut rest = text.chars().peekable();
    let mut tokens = Vec::new();
    while let Some(first) = rest.next() {
        match first {
            '/' if rest.peek() == Some(&'/') => skip_past(&mut rest, "\n"),
            '/' if rest.peek() == Some(&'*') => skip_comment(&mut rest),
            '"' => skip_string(&mut rest),
            '\'' => skip_character(&mut rest),
            ':' if rest.next_if_eq(&':').is_some() => tokens.push(Token::Separator),
            c if is_of_word(c) => {
                let word = word(c, &mut rest);
                let raw = word.ends_with('r') && matches!(rest.peek(), Some('"' | '#'));
                if !(raw && skip_raw_string(&mut rest)) {
                    tokens.push(Token::Word(word));
                }
            }
            c if c.is_whitespace() => {}
            c => tokens.push(Token::Sign(c)),
        }
    }
    tokens
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn word(first: char, rest: &mut Peekable<Chars>) -> String {
    let mut word = String::from(first);
    while let Some(c) = rest.next_if(|c| is_of_word(*c)) {
        word.push(c);
    }
    word
}

fn skip_past(rest: &mut Peekable<Chars>, end: &str) {
    let mut seen = String::new();
    while !seen.ends_with(end) {
        let Some(c) = rest.next() else { return };
        seen.push(c);
    }
}

/// Block comments nest.
fn skip_comment(rest: &mut Peekable<Chars>) {
    let mut depth = 1;
    rest.next();
    while depth > 0 {
        match rest.next() {
            Some('*') if rest.next_if_eq(&'/').is_some() => depth -= 1,
            Some('/') if rest.next_if_eq(&'*').is_some() => depth += 1,
            Some(_) => {}
            None => return,
        }
    }
}

fn skip_string(rest: &mut Peekable<Chars>) {
    while let Some(c) = rest.next() {
        match c {
            '\\' => drop(rest.next()),
            '"' => return,
            _ => {}
        }
    }
}

/// Skips `'x'` and `'\n'`, but of a lifetime only the mark.
fn skip_character(rest: &mut Peekable<Chars>) {
    let mut ahead = rest.clone();
    match (ahead.next(), ahead.next()) {
        (Some('\\'), Some(_)) => {
            rest.next();
            rest.next();
            skip_past(rest, "'");
        }
        (Some(_), Some('\'')) => *rest = ahead,
        _ => {}
    }
}

/// Skips what follows the `r` of a raw string; false for `r#word`.
fn skip_raw_string(rest: &mut Peekable<Chars>) -> bool {
    let mut end = String::from('"');
    let mut ahead = rest.clone();
    while ahead.next_if_eq(&'#').is_some() {
        end.push('#');
    }
    let is_string = ahead.next() == Some('"');
    if is_string {
        *rest = ahead;
        skip_past(rest, &end);
    }
    is_string
}
