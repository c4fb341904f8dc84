//! The fields of a body, recorded by the code that reads them.

use std::ops::RangeInclusive;

use domain::Shape;

/// The fields of an object, in the order in which they are read.
#[derive(Clone, Debug, Default)]
pub struct Form {
    pub fields: Vec<Field>,
    /// At least one of these fields is required, unless the list is empty.
    pub some_of: Vec<&'static str>,
}

/// A field of an object.
#[derive(Clone, Debug)]
pub struct Field {
    pub name: String,
    pub is_required: bool,
    pub content: Content,
}

/// The content of a field.
#[derive(Clone, Debug)]
pub enum Content {
    /// A text, a number or a boolean.
    Value(Shape),
    /// The string that determines the kind of the object.
    Tag(String),
    /// Free-form pairs of text: [`Metadata`](domain::Metadata).
    Metadata,
    Object(Form),
    /// A text, or an object in its place that is called `title` in documents.
    TextOr {
        about: &'static str,
        shape: Shape,
        title: &'static str,
        of: Form,
    },
    /// A list of texts or numbers.
    Values {
        /// The minimum and the maximum number of elements.
        length: RangeInclusive<usize>,
        shape: Shape,
    },
    /// A list of objects.
    List {
        /// The minimum and the maximum number of elements.
        length: RangeInclusive<usize>,
        of: Form,
    },
}

impl Form {
    pub(super) fn note(&mut self, name: &str, is_required: bool, content: Content) {
        self.fields.push(Field { name: name.to_owned(), is_required, content });
    }
}
