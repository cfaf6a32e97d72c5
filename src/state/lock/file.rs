//! The lock of the operating system on a file, of the kind that Terraform takes.

use std::fs::File;
use std::io;

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, fcntl};
use nix::libc;

/// Takes the lock for writing on the whole file; `false` when another has it. It lasts until the file is closed.
///
/// Terraform takes a record lock (`F_SETLK`). Where there are locks of open file descriptions, one of those is taken:
/// the two kinds respect each other, and this one is not lost when any other descriptor of the same file is closed
/// somewhere in the process, and holds between threads too.
pub(crate) fn try_lock(file: &File) -> io::Result<bool> {
    let lock = libc::flock {
        l_type: libc::F_WRLCK as libc::c_short,
        l_whence: libc::SEEK_SET as libc::c_short,
        // From the start to the end, however far that moves.
        l_start: 0,
        l_len: 0,
        l_pid: 0,
    };
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let argument = FcntlArg::F_OFD_SETLK(&lock);
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    let argument = FcntlArg::F_SETLK(&lock);
    match fcntl(file, argument) {
        Ok(_) => Ok(true),
        Err(Errno::EAGAIN | Errno::EACCES) => Ok(false),
        Err(error) => Err(error.into()),
    }
}
