//! What is wrong with a rule file: always the file, and the line and the rule where known.

use std::fmt;

use thiserror::Error;

/// One fault of a rule file.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub struct RuleError {
    /// The file as the user named it.
    pub file: String,
    /// 1-based line, if the fault has one.
    pub line: Option<usize>,
    /// The rule's id, if the fault is in a rule that has one.
    pub rule: Option<String>,
    /// What is wrong and what to do.
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

/// Every fault of the rule files that were loaded together; at least one.
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
