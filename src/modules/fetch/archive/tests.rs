use std::io::Write as _;

use super::*;

fn tar(build: impl FnOnce(&mut tar::Builder<Vec<u8>>)) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    build(&mut builder);
    builder.into_inner().expect("written to memory")
}

/// Adds an entry under a name that the library itself would refuse.
fn add_raw(builder: &mut tar::Builder<Vec<u8>>, name: &str, kind: tar::EntryType, link: &str, contents: &[u8]) {
    let mut header = tar::Header::new_gnu();
    header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
    header.as_mut_bytes()[157..157 + link.len()].copy_from_slice(link.as_bytes());
    header.set_entry_type(kind);
    header.set_mode(0o644);
    header.set_size(contents.len() as u64);
    header.set_cksum();
    builder.append(&header, contents).expect("written to memory");
}

fn file(builder: &mut tar::Builder<Vec<u8>>, name: &str, contents: &[u8]) {
    add_raw(builder, name, tar::EntryType::Regular, "", contents);
}

fn link(builder: &mut tar::Builder<Vec<u8>>, name: &str, target: &str) {
    add_raw(builder, name, tar::EntryType::Symlink, target, b"");
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).expect("written to memory");
    encoder.finish().expect("written to memory")
}

fn bzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    encoder.write_all(bytes).expect("written to memory");
    encoder.finish().expect("written to memory")
}

/// Built with the program, since the library here only reads; `None` where it is missing.
fn xz(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut folder = tempfile::NamedTempFile::new().expect("temporary files can be made");
    folder.write_all(bytes).expect("writable");
    let output = std::process::Command::new("xz").arg("-zc").arg(folder.path()).output().ok()?;
    output.status.success().then_some(output.stdout)
}

fn zip(entries: &[(&str, u32, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, mode, contents) in entries {
        let options = zip::write::SimpleFileOptions::default().unix_permissions(*mode);
        if mode & 0o170_000 == 0o120_000 {
            let target = std::str::from_utf8(contents).expect("a path");
            writer.add_symlink(*name, target, options).expect("written to memory");
        } else {
            writer.start_file(*name, options).expect("written to memory");
            writer.write_all(contents).expect("written to memory");
        }
    }
    writer.finish().expect("written to memory").into_inner()
}

/// Unpacks into `inner/` of a folder in which nothing else may appear.
fn unpacked(format: Format, bytes: &[u8], limits: Limits) -> (tempfile::TempDir, Result<(), ArchiveError>) {
    let dir = tempfile::tempdir().expect("temporary folders can be made");
    let archive = dir.path().join("archive");
    fs::write(&archive, bytes).expect("writable");
    let inner = dir.path().join("inner");
    fs::create_dir(&inner).expect("writable");
    let result = unpack(format, File::open(&archive).expect("it is there"), &inner, limits);
    fs::remove_file(&archive).expect("it is there");
    let outside: Vec<_> = fs::read_dir(dir.path()).expect("readable").collect();
    assert_eq!(outside.len(), 1, "nothing is written outside of the folder");
    (dir, result)
}

#[track_caller]
fn refused(format: Format, bytes: &[u8]) -> String {
    unpacked(format, bytes, LIMITS).1.expect_err("it is refused").to_string()
}

#[test]
fn every_format_gives_the_same_files() {
    let bytes = tar(|builder| {
        add_raw(builder, "pax_global_header", tar::EntryType::XGlobalHeader, "", b"18 comment=abcdef\n");
        add_raw(builder, "modules/", tar::EntryType::Directory, "", b"");
        file(builder, "./modules/a/main.tf", b"locals {}\n");
        link(builder, "modules/b", "a");
        add_raw(builder, "copy.tf", tar::EntryType::Link, "modules/a/main.tf", b"");
    });
    let zipped = zip(&[
        ("modules/a/main.tf", 0o644, b"locals {}\n"),
        ("modules/b", 0o120_777, b"a"),
        ("copy.tf", 0o644, b"locals {}\n"),
    ]);
    let mut archives = vec![(Format::TarGzip, gzip(&bytes)), (Format::TarBzip2, bzip(&bytes)), (Format::Zip, zipped)];
    match xz(&bytes) {
        Some(bytes) => archives.push((Format::TarXz, bytes)),
        None => println!("skipped for xz: the program xz is not installed"),
    }
    for (format, bytes) in archives {
        let (dir, result) = unpacked(format, &bytes, LIMITS);
        result.unwrap_or_else(|error| panic!("{format:?}: {error}"));
        for name in ["copy.tf", "modules/a/main.tf", "modules/b/main.tf"] {
            let text = fs::read_to_string(dir.path().join("inner").join(name));
            assert_eq!(text.ok().as_deref(), Some("locals {}\n"), "{format:?} {name}");
        }
    }
}

#[test]
fn the_right_to_run_is_kept_and_no_other() {
    let bytes = zip(&[("run.sh", 0o4777, b""), ("main.tf", 0o600, b"")]);
    let (dir, result) = unpacked(Format::Zip, &bytes, LIMITS);
    result.expect("valid");
    let mode = |name: &str| {
        let data = fs::metadata(dir.path().join("inner").join(name)).expect("it is there");
        std::os::unix::fs::PermissionsExt::mode(&data.permissions()) & 0o7777
    };
    assert_eq!(mode("run.sh") & 0o7111, 0o111);
    assert_eq!(mode("main.tf") & 0o7111, 0);
}

#[test]
fn entries_outside_of_the_folder_are_refused() {
    for name in ["../evil", "a/../../evil", "/tmp/evil", ".."] {
        let message = refused(Format::TarGzip, &gzip(&tar(|builder| file(builder, name, b"x"))));
        assert!(message.contains("outside of its folder"), "{name}: {message}");
        let message = refused(Format::Zip, &zip(&[(name, 0o644, b"x")]));
        assert!(message.contains("outside of its folder"), "{name}: {message}");
    }
}

#[test]
fn links_out_of_the_folder_are_refused() {
    for target in ["/etc", "../x", "a/../../x", "up/../x"] {
        let message = refused(
            Format::TarGzip,
            &gzip(&tar(|builder| {
                link(builder, "a/up", "..");
                link(builder, "up", "a/up");
                link(builder, "evil", target);
            })),
        );
        assert!(message.contains("leads outside"), "{target}: {message}");
    }
    let message = refused(Format::Zip, &zip(&[("evil", 0o120_777, b"../x")]));
    assert!(message.contains("leads outside"), "{message}");
}

#[test]
fn nothing_is_written_through_a_link() {
    let message = refused(
        Format::TarGzip,
        &gzip(&tar(|builder| {
            link(builder, "evil", "..");
            file(builder, "evil/x", b"x");
        })),
    );
    assert!(message.contains("two entries in the place of `evil`"), "{message}");
    let message = refused(
        Format::TarGzip,
        &gzip(&tar(|builder| add_raw(builder, "x", tar::EntryType::Link, "../../etc/passwd", b""))),
    );
    assert!(message.contains("outside of its folder"), "{message}");
}

#[test]
fn devices_and_pipes_are_refused() {
    for kind in [tar::EntryType::Fifo, tar::EntryType::Char, tar::EntryType::Block] {
        let message = refused(Format::TarGzip, &gzip(&tar(|builder| add_raw(builder, "x", kind, "", b""))));
        assert!(message.contains("neither a file, a folder nor a link"), "{message}");
    }
}

#[test]
fn archives_end_at_their_limits() {
    let limits = Limits { bytes_max: 1 << 20, entries_max: 3 };
    let zeros = vec![0; 2 << 20];
    let bomb = gzip(&tar(|builder| file(builder, "bomb", &zeros)));
    let (dir, result) = unpacked(Format::TarGzip, &bomb, limits);
    assert!(matches!(result, Err(ArchiveError::TooLarge(_))), "{result:?}");
    let written = fs::metadata(dir.path().join("inner/bomb")).expect("it was begun").len();
    assert!(written <= limits.bytes_max, "{written}");
    let (_dir, result) = unpacked(Format::Zip, &zip(&[("bomb", 0o644, &zeros)]), limits);
    assert!(matches!(result, Err(ArchiveError::TooLarge(_))), "{result:?}");
    let many = zip(&[("a", 0o644, b""), ("b", 0o644, b""), ("c", 0o644, b""), ("d", 0o644, b"")]);
    let (_dir, result) = unpacked(Format::Zip, &many, limits);
    assert!(matches!(result, Err(ArchiveError::TooMany(3))), "{result:?}");
}

#[test]
fn what_is_no_archive_or_half_of_one_is_an_error() {
    let whole = gzip(&tar(|builder| file(builder, "main.tf", &[b'x'; 4000])));
    for (format, bytes) in [
        (Format::TarGzip, whole[..whole.len() / 2].to_vec()),
        (Format::TarGzip, b"<html>not found</html>".to_vec()),
        (Format::TarBzip2, b"<html>not found</html>".to_vec()),
        (Format::TarXz, b"<html>not found</html>".to_vec()),
        (Format::Zip, b"<html>not found</html>".to_vec()),
        (Format::Zip, Vec::new()),
    ] {
        let message = refused(format, &bytes);
        assert!(message.contains("damaged"), "{message}");
    }
}

#[test]
fn extensions_are_those_that_terraform_knows() {
    assert_eq!(Format::of_extension("/x/vpc.tar.gz"), Some(Format::TarGzip));
    assert_eq!(Format::of_extension("tgz"), Some(Format::TarGzip));
    assert_eq!(Format::of_extension("/x.y/z"), None);
    assert_eq!(Format::of_extension("/x.tar"), None);
    assert_eq!(Format::of_extension("/xzip"), None);
}
