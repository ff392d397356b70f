//! The one error type, and the one map from errors to exit codes.

use std::fmt;

/// What kind of thing went wrong; each kind has its exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The command line asks for something that cannot be.
    Usage,
    /// The configuration is wrong.
    Config,
    /// Input data cannot be used.
    Data,
    /// Another run holds the lock.
    Locked,
    /// A fault that is not the user's: a full disk, a defect.
    Internal,
}

/// An error that ends the command: what happened, and what to do about it.
#[derive(Debug, thiserror::Error)]
pub struct Error {
    /// What kind of thing went wrong.
    pub kind: ErrorKind,
    /// What happened, in a sentence that names the file, key or row.
    pub message: String,
    /// The error that caused this one.
    #[source]
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
    /// What to do about it, a sentence each.
    pub hints: Vec<String>,
}

/// The result of anything that can end the command.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An error of a kind.
    #[must_use]
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), source: None, hints: Vec::new() }
    }

    /// The command line asks for something that cannot be.
    #[must_use]
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Usage, message)
    }

    /// The configuration is wrong.
    #[must_use]
    pub fn config(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Config, message)
    }

    /// Input data cannot be used.
    #[must_use]
    pub fn data(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Data, message)
    }

    /// A fault that is not the user's.
    #[must_use]
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Internal, message)
    }

    /// Adds the error that caused this one.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// The process's exit code.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self.kind {
            ErrorKind::Usage | ErrorKind::Config => 2,
            ErrorKind::Data => 3,
            ErrorKind::Locked => 4,
            ErrorKind::Internal => 70,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}
