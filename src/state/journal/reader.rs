//! Reading a journal that an unfinished run left.

use super::line::{Batch, LineError, read_line};
use super::{JournalError, Place, Record};

/// Reads a journal; `None` when there is none.
///
/// The tail may be torn by a crash: what was never durable was never acted upon, so it is left out.
///
/// # Errors
/// It cannot be read, was written by a newer version, or is damaged before its tail.
pub fn read(place: &dyn Place) -> Result<Option<Vec<Record>>, JournalError> {
    match place.read() {
        Ok(Some(bytes)) => records(&bytes, &place.location()).map(Some),
        Ok(None) => Ok(None),
        Err(error) => Err(JournalError::io("read", place, error)),
    }
}

/// Reads the lines of a journal. `location` is for messages.
pub(super) fn records(bytes: &[u8], location: &str) -> Result<Vec<Record>, JournalError> {
    let damaged = |line: usize, reason: &str| JournalError::Damaged {
        location: location.to_owned(),
        line,
        reason: reason.to_owned(),
    };
    let mut records = Vec::new();
    // The batch that the next line belongs to at the least.
    let mut next = 0;
    // The first line that is no record, with that batch.
    let mut broken: Option<(usize, u64)> = None;
    for (index, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        if line.is_empty() {
            continue;
        }
        match read_line(line) {
            Ok((batch, record)) => match broken {
                None => {
                    next = following(batch);
                    records.push(record);
                }
                // A batch is written only when the one before it is durable.
                Some((broken, number)) if batch.number > number => {
                    return Err(damaged(broken, "its checksum does not fit, and lines after it are whole"));
                }
                Some(_) => {}
            },
            Err(LineError::Checksum) => {
                broken.get_or_insert((index + 1, next));
            }
            Err(LineError::Format(format)) => {
                return Err(JournalError::TooNew { location: location.to_owned(), format });
            }
            Err(LineError::Meaning(reason)) => return Err(damaged(index + 1, &reason)),
        }
    }
    Ok(records)
}

/// The number of the batch that the record after this one belongs to.
fn following(batch: Batch) -> u64 {
    if batch.place + 1 < batch.size { batch.number } else { batch.number + 1 }
}
