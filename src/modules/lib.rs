//! Modules from anywhere: what a `source` means, fetching it, and the folder and lock file that remember it.
