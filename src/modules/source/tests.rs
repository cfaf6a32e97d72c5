use super::Source;
use super::package::{Getter, Package};

/// What a source is, and its normal form.
fn read(text: &str) -> String {
    match Source::parse(text, false) {
        Ok(source @ Source::Local(_)) => format!("local {source}"),
        Ok(source @ Source::Registry { .. }) => format!("registry {source}"),
        Ok(source @ Source::Remote { .. }) => format!("remote {source}"),
        Err(error) => format!("error {error}"),
    }
}

#[test]
fn sources_have_a_normal_form() {
    for (text, expected) in [
        ("./foo//bar/", "local ./foo/bar"),
        ("../", "local .."),
        (".\\foo", "local ./foo"),
        ("ns/name/prov//sub//x", "registry registry.terraform.io/ns/name/prov//sub/x"),
        ("EXAMPLE.com:8443/ns/na-m_e/prov", "registry example.com:8443/ns/na-m_e/prov"),
        ("127.0.0.1:9/ns/name/prov", "registry 127.0.0.1:9/ns/name/prov"),
        ("испытание.com/a/b/c", "registry xn--80akhbyknj4f.com/a/b/c"),
        ("github.com/foo/bar", "remote git::https://github.com/foo/bar.git"),
        ("github.com/foo/bar.git?ref=v1", "remote git::https://github.com/foo/bar.git?ref=v1"),
        ("github.com/foo/bar/baz/quux//sub?ref=v1", "remote git::https://github.com/foo/bar.git//baz/quux/sub?ref=v1"),
        ("git::github.com/foo/bar//modules/deep", "remote git::https://github.com/foo/bar.git//modules/deep"),
        ("github.com/ns/name/prov", "remote git::https://github.com/ns/name.git//prov"),
        ("bitbucket.org/ns/name/prov", "remote git::https://bitbucket.org/ns/name/prov.git"),
        (
            "git@github.com:foo/bar.git//x?ref=y&depth=1",
            "remote git::ssh://git@github.com/foo/bar.git//x?depth=1&ref=y",
        ),
        ("git::/a/repo", "remote git::file:///a/repo"),
        ("git::https://example.com//foo.git//bar", "remote git::https://example.com//foo.git/bar"),
        ("git::https://h/bar.git//./modules/", "remote git::https://h/bar.git//modules"),
        ("/abs/path//sub", "remote file:///abs/path//sub"),
        ("bucket.s3-eu-west-1.amazonaws.com/k.zip", "remote s3::https://s3-eu-west-1.amazonaws.com/bucket/k.zip"),
        ("bucket.s3.eu-west-1.amazonaws.com/k.zip//s", "remote s3::https://s3.eu-west-1.amazonaws.com/bucket/k.zip//s"),
        ("www.googleapis.com/storage/v1/b/c/k.zip", "remote gcs::https://www.googleapis.com/storage/v1/b/c/k.zip"),
        ("https://github.com/foo/bar", "remote https://github.com/foo/bar"),
        ("localhost:8080/ns/name/prov", "remote localhost:8080/ns/name/prov"),
    ] {
        assert_eq!(read(text), expected, "{text}");
    }
}

#[test]
fn texts_that_terraform_refuses_are_refused() {
    for text in [
        "foo",
        ".",
        "..",
        "modules/x",
        " ./foo",
        "~/foo",
        "example.com/foo.git",
        "github.com/foo",
        "ns/name/Prov",
        "ns/na.me/prov",
        "ns/name/pro-v",
        "a//b/c",
        "git::example.com/foo",
        "git::./x",
        "user@host.com:foo/bar.git",
        "git::ssh://git@github.com:foo/bar.git",
        "https://exam ple.com/x.zip",
        "https://example.com/%zz.zip",
        "://x",
        ":",
        "a/b/c//../x",
        "https://example.com/x.zip//a/../../y",
        "xn--80akhbyknj4f.com/a/b/c",
        "s3.amazonaws.com",
        "",
        "www.googleapis.com/storage",
        "a.bucket.s3.eu-west-1.amazonaws.com/k.zip",
        "https::example.com/x.zip",
    ] {
        let answer = read(text);
        assert!(answer.starts_with("error "), "{text}: {answer}");
    }
}

#[test]
fn a_version_asks_for_a_registry() {
    for text in ["./foo", "github.com/foo/bar", "https://example.com/x.zip", "ns/name", "a/b/c/d/e", "github.com/a/b/c"]
    {
        assert!(Source::parse(text, true).is_err(), "{text}");
    }
    assert!(Source::parse("a.b/c/d/e", true).is_ok());
}

#[test]
fn schemes_choose_the_getter() {
    let scheme = |text: &str| {
        let (package, _) = Package::parse(text).expect("an address");
        match package.getter() {
            Getter::Git(url) => format!("git {url}"),
            Getter::Http(url) => format!("http {url}"),
            Getter::S3(url) => format!("s3 {url}"),
            Getter::File(url) => format!("file {url}"),
            Getter::Unsupported(scheme) => format!("unsupported {scheme}"),
        }
    };
    assert_eq!(scheme("git::ssh://git@h/x"), "git ssh://git@h/x");
    assert_eq!(scheme("ssh://git@h/x"), "unsupported ssh");
    assert_eq!(scheme("HTTPS://h/x.zip"), "http HTTPS://h/x.zip");
    assert_eq!(scheme("GIT::https://h/x"), "unsupported GIT");
    assert_eq!(scheme("hg::http://h/x"), "unsupported hg");
    assert_eq!(scheme("/x"), "file file:///x");
}

#[test]
fn credentials_are_in_no_normal_form() {
    assert_eq!(read("git::https://u:secret@h/x.git//s?ref=1"), "remote git::https://***@h/x.git//s?ref=1");
}
