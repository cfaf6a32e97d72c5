//! The words that stand for the plan's enumerations on disk.

use state::checks::CheckStatus;

use crate::plan::{Action, CheckKind, PlanMode, Reason};

/// Makes the two directions of a table from one list.
macro_rules! words {
    ($name:ident, $back:ident, $ty:ty, { $($value:pat => $made:expr => $word:literal),+ $(,)? }) => {
        pub(super) fn $name(value: $ty) -> &'static str {
            match value {
                $($value => $word),+
            }
        }

        pub(super) fn $back(word: &str) -> Result<$ty, String> {
            match word {
                $($word => Ok($made),)+
                other => Err(format!("`{other}` is not known")),
            }
        }
    };
}

words!(mode, mode_of, PlanMode, {
    PlanMode::Normal => PlanMode::Normal => "normal",
    PlanMode::Destroy => PlanMode::Destroy => "destroy",
    PlanMode::RefreshOnly => PlanMode::RefreshOnly => "refresh_only",
});

words!(action, action_of, Action, {
    Action::NoOp => Action::NoOp => "no_op",
    Action::Create => Action::Create => "create",
    Action::Update => Action::Update => "update",
    Action::Replace { create_first: false } => Action::Replace { create_first: false } => "delete_create",
    Action::Replace { create_first: true } => Action::Replace { create_first: true } => "create_delete",
    Action::Delete => Action::Delete => "delete",
    Action::Read => Action::Read => "read",
    Action::Forget => Action::Forget => "forget",
});

words!(reason, reason_of, Reason, {
    Reason::Tainted => Reason::Tainted => "tainted",
    Reason::Requested => Reason::Requested => "requested",
    Reason::CannotUpdate => Reason::CannotUpdate => "cannot_update",
    Reason::Triggered => Reason::Triggered => "triggered",
    Reason::NoConfig => Reason::NoConfig => "no_config",
    Reason::NoModule => Reason::NoModule => "no_module",
    Reason::WrongRepetition => Reason::WrongRepetition => "wrong_repetition",
    Reason::CountIndex => Reason::CountIndex => "count_index",
    Reason::EachKey => Reason::EachKey => "each_key",
    Reason::Deposed => Reason::Deposed => "deposed",
    Reason::ConfigUnknown => Reason::ConfigUnknown => "config_unknown",
    Reason::DependencyPending => Reason::DependencyPending => "dependency_pending",
});

words!(check_kind, check_kind_of, CheckKind, {
    CheckKind::Precondition => CheckKind::Precondition => "precondition",
    CheckKind::Postcondition => CheckKind::Postcondition => "postcondition",
    CheckKind::Validation => CheckKind::Validation => "validation",
    CheckKind::Assertion => CheckKind::Assertion => "assertion",
});

words!(check_status, check_status_of, CheckStatus, {
    CheckStatus::Pass => CheckStatus::Pass => "pass",
    CheckStatus::Fail => CheckStatus::Fail => "fail",
    CheckStatus::Unknown => CheckStatus::Unknown => "unknown",
    CheckStatus::Error => CheckStatus::Error => "error",
});
