//! Errors in rule files, with the file, and the line and the rule if known.

use std::fmt;

use thiserror::Error;

/// An error in a rule file.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub struct RuleError {
    /// The file as the user named it.
    pub file: String,
    /// 1-based line, if known.
    pub line: Option<usize>,
    /// The rule's id, if known.
    pub rule: Option<String>,
    /// The fault and its remedy.
    pub message: String,
}

impl fmt::Display for RuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if let Some(rule) = &self.rule {
            write!(f, ": rule `{rule}`")?;
        }
        write!(f, ": {}", self.message)
    }
}

/// All errors in the rule files that were loaded together; at least one.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub struct RuleErrors(pub Vec<RuleError>);

impl fmt::Display for RuleErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{error}")?;
        }
        Ok(())
    }
}
