//! Reading lists.

use std::ops::RangeInclusive;

use domain::{Invalid, Shaped};
use serde_json::Value;

use super::{Content, Fields, Form, form_of_none, of_text};
use crate::errors::{FieldError, FieldErrors};

impl Fields<'_> {
    /// Reads a required list of strings, with a number of elements in the range `length`.
    pub fn required_texts<T: Shaped>(
        &mut self,
        name: &str,
        length: RangeInclusive<usize>,
        parse: impl Fn(&str) -> Result<T, Invalid>,
    ) -> Option<Vec<T>> {
        self.texts_of(name, true, length, parse)
    }

    /// Reads a list of strings as [`Fields::required_texts`] does; `None` if it is absent.
    pub fn texts<T: Shaped>(
        &mut self,
        name: &str,
        length: RangeInclusive<usize>,
        parse: impl Fn(&str) -> Result<T, Invalid>,
    ) -> Option<Vec<T>> {
        self.texts_of(name, false, length, parse)
    }

    fn texts_of<T: Shaped>(
        &mut self,
        name: &str,
        is_required: bool,
        length: RangeInclusive<usize>,
        parse: impl Fn(&str) -> Result<T, Invalid>,
    ) -> Option<Vec<T>> {
        let content = Content::Values { length: length.clone(), shape: T::SHAPE };
        let list = self.value(name, is_required, content, of_list(length, "strings"))?;
        let pointer = self.pointer_to(name);
        let mut read = Vec::new();
        for (at, value) in list.into_iter().enumerate() {
            match of_text(&parse)(value) {
                Ok(text) => read.push(text),
                Err(Invalid(detail)) => self.errors.add(format!("{pointer}/{at}"), detail),
            }
        }
        Some(read)
    }

    /// Reads a list of objects, with a number of elements in the range `length`. The list is
    /// required unless the range starts at 0; an absent list is empty.
    pub fn list<T>(
        &mut self,
        name: &str,
        length: RangeInclusive<usize>,
        read: impl Fn(&mut Fields<'_>) -> Option<T>,
    ) -> Vec<T> {
        let list = self.list_of(name, length, &read);
        let pointer = self.pointer_to(name);
        let list = list.into_iter().enumerate();
        list.filter_map(|(at, value)| {
            Self::object_at(format!("{pointer}/{at}"), value, self.errors, None, &read)
        })
        .collect()
    }

    /// Reads a list of objects as [`Fields::list`] does, but each by itself: an invalid element is
    /// its first error, and the body can still be valid.
    pub fn each_of<T>(
        &mut self,
        name: &str,
        length: RangeInclusive<usize>,
        read: impl Fn(&mut Fields<'_>) -> Option<T>,
    ) -> Vec<Result<T, FieldError>> {
        let list = self.list_of(name, length, &read).into_iter().enumerate();
        let pointer = self.pointer_to(name);
        let alone = |(at, value)| {
            let mut errors = FieldErrors::default();
            let pointer = format!("{pointer}/{at}");
            let value = Self::object_at(pointer, value, &mut errors, None, &read);
            errors.first_or(value)
        };
        list.map(alone).collect()
    }

    fn list_of<T>(
        &mut self,
        name: &str,
        length: RangeInclusive<usize>,
        read: impl Fn(&mut Fields<'_>) -> Option<T>,
    ) -> Vec<Value> {
        let mut of = Form::default();
        if self.form.is_some() {
            form_of_none(&mut of, read);
        }
        let is_required = *length.start() > 0;
        let content = Content::List { length: length.clone(), of };
        self.value(name, is_required, content, of_list(length, "objects")).unwrap_or_default()
    }
}

fn of_list(
    length: RangeInclusive<usize>,
    of: &'static str,
) -> impl FnOnce(Value) -> Result<Vec<Value>, Invalid> {
    move |value| match value {
        Value::Array(list) if length.contains(&list.len()) => Ok(list),
        _ => {
            let (least, most) = (length.start(), length.end());
            Err(Invalid(format!("must be a list of {least} to {most} {of}").into()))
        }
    }
}
