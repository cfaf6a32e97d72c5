//! Room on the stack for recursion over trees.

/// With less than this left, the stack is continued elsewhere: more than a level of anything here takes, also in debug builds.
const LEFT_BYTES_MIN: usize = 128 * 1024;

/// How much is added at a time.
const GROWTH_BYTES: usize = 1024 * 1024;

/// Runs one level of a recursion; the stack grows onto the heap where it is about to end.
///
/// A tree is at most [`crate::NESTING_MAX`] levels deep, which is more than a thread's 2 MiB hold where a level takes kilobytes. What
/// recurses over trees calls this once a level: it costs a comparison.
pub fn with_room<T>(level: impl FnOnce() -> T) -> T {
    stacker::maybe_grow(LEFT_BYTES_MIN, GROWTH_BYTES, level)
}
