use super::*;

const FILE: &str = "uv-9.9.9-py3-none-win_amd64.whl";

fn env(pairs: &[(&str, &str)]) -> Environment {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn page_of(pairs: &[(&str, &str)]) -> Option<String> {
    WheelSources::from_env(&env(pairs), None).unwrap().page.map(|page| page.to_string())
}

#[test]
fn index_variables_have_precedence() {
    let none = ("UV_NO_CONFIG", "1");
    let pip = ("PIP_INDEX_URL", "https://pip.example/simple");
    let old = ("UV_INDEX_URL", "https://old.example/root/simple/");
    let new = ("UV_DEFAULT_INDEX", "corp=https://u:p@new.example/a=b/simple/");
    assert_eq!(page_of(&[none]), Some(format!("{DEFAULT_INDEX}uv/")));
    assert_eq!(page_of(&[pip]).as_deref(), Some("https://pip.example/simple/uv/"));
    assert_eq!(page_of(&[pip, old]).as_deref(), Some("https://old.example/root/simple/uv/"));
    assert_eq!(page_of(&[pip, old, new]).as_deref(), Some("https://u:p@new.example/a=b/simple/uv/"));
    assert_eq!(page_of(&[pip, ("UV_INDEX_URL", " ")]).as_deref(), Some("https://pip.example/simple/uv/"));
    assert_eq!(page_of(&[("PIP_INDEX_URL", "http://h/s?a=b")]).as_deref(), Some("http://h/s/uv/?a=b"));
}

#[test]
fn invalid_index_is_named_without_its_password() {
    for value in ["nonsense", "ftp://u:secret@h/simple", "https://", "name=", "simple/uv"] {
        let error = WheelSources::from_env(&env(&[("PIP_INDEX_URL", value)]), None).err().unwrap();
        assert_eq!(error.code(), Code::EnvInvalid, "{value}");
        assert!(error.to_string().starts_with("PIP_INDEX_URL ") && !error.to_string().contains("secret"), "{error}");
    }
}

#[test]
fn offline_variables_disable_the_index() {
    for name in ["UV_OFFLINE", "UV_NO_INDEX", "PIP_NO_INDEX"] {
        assert_eq!(page_of(&[(name, "1")]), None);
        assert_eq!(page_of(&[(name, "True")]), None);
        assert!(page_of(&[(name, "0")]).is_some() && page_of(&[(name, "")]).is_some());
    }
}

#[cfg(unix)]
#[test]
fn folders_of_wheels_are_found_in_variables_of_pip_and_uv() {
    let variables = [
        ("PIP_FIND_LINKS", "/a file:///b%20c https://h/links relative"),
        ("UV_FIND_LINKS", "/d e,https://h/x"),
        ("PIP_NO_INDEX", "yes"),
    ];
    let sources = WheelSources::from_env(&env(&variables), None).unwrap();
    assert_eq!(sources.folders, ["/a", "/b c", "/d e"].map(PathBuf::from));
    let local = WheelSources::from_env(&env(&[("UV_DEFAULT_INDEX", "file:///mirror/simple")]), None).unwrap();
    assert_eq!(local.folders, ["/mirror/simple/uv", "/mirror/simple"].map(PathBuf::from));
    assert_eq!(local.page.unwrap().as_str(), "file:///mirror/simple/uv/");
    let path = WheelSources::from_env(&env(&[("UV_DEFAULT_INDEX", "/mirror/simple")]), None).unwrap();
    assert_eq!(path.page.unwrap().as_str(), "file:///mirror/simple/uv/");
}

fn found(page: &str, text: &str) -> Option<String> {
    find_file_url(&Url::parse(page).unwrap(), text, FILE).map(|url| url.to_string())
}

#[test]
fn file_is_found_on_a_page_of_html() {
    let page = "https://h/simple/uv/";
    for (html, url) in [
        (format!("<a href=\"{FILE}#sha256=ab\">{FILE}</a>"), format!("https://h/simple/uv/{FILE}")),
        (format!("<A\n data-x='href=\"no\" >' HREF='../../f/{FILE}'>x</A>"), format!("https://h/f/{FILE}")),
        (format!("<a data-yanked href=/f/{FILE}>x</a>"), format!("https://h/f/{FILE}")),
        (format!("<a href = \"//cdn/{FILE}?a=1&amp;b=2\">"), format!("https://cdn/{FILE}?a=1&b=2")),
        (format!("<abbr href=\"/1/{FILE}\"><a><a href=\"/2/{FILE}\">"), format!("https://h/2/{FILE}")),
        (
            format!("<a href=\"{FILE}.metadata\"><a href=\"x{FILE}\"><a href=\"/y/{FILE}\">"),
            format!("https://h/y/{FILE}"),
        ),
        (
            "<a href=\"uv-9.9.9-py3-none-win%5Famd64.whl\">".into(),
            "https://h/simple/uv/uv-9.9.9-py3-none-win%5Famd64.whl".into(),
        ),
    ] {
        assert_eq!(found(page, &html), Some(url), "{html}");
    }
}

#[test]
fn page_without_the_file_has_no_url() {
    for text in [
        "",
        "<a",
        "<a href",
        "<a href=",
        "<a href=\"x",
        "<html>no</html>",
        "{",
        "{}",
        "{\"files\":[]}",
        "<a href=\"javascript:x\">",
    ] {
        assert_eq!(found("https://h/simple/uv/", text), None, "{text}");
    }
    assert_eq!(found("https://h/s/", &format!("<a href=\"file:///etc/{FILE}\">")), None);
}

#[test]
fn file_is_found_on_a_page_of_json() {
    let text = format!(
        r#" {{"meta":{{"api-version":"1.0"}},"files":[{{"filename":"x","url":"x"}},{{"filename":"{FILE}","url":"../f/1","hashes":{{}}}}]}}"#
    );
    assert_eq!(found("https://h/simple/uv/", &text).as_deref(), Some("https://h/simple/f/1"));
}

#[test]
fn credentials_are_sent_to_the_same_origin_only_and_are_redacted() {
    let page = "https://u:p@h/simple/uv/";
    let html = |host: &str| format!("<a href=\"{host}/f/{FILE}\">");
    assert_eq!(found(page, &html("")), Some(format!("https://u:p@h/f/{FILE}")));
    assert_eq!(found(page, &html("https://h")), Some(format!("https://u:p@h/f/{FILE}")));
    assert_eq!(found(page, &html("https://v:q@h")), Some(format!("https://v:q@h/f/{FILE}")));
    for other in ["https://h:444", "http://h", "https://cdn"] {
        assert_eq!(found(page, &html(other)), Some(format!("{other}/f/{FILE}")));
    }
    assert_eq!(redacted_url(&Url::parse("https://u:p@h/s?token=secret#x").unwrap()), "https://***@h/s");
}

#[test]
fn index_of_uv_toml_is_used_without_a_variable() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("uv.toml");
    std::fs::write(&file, "index-url = \"https://u:p@own.example/simple\"").unwrap();
    let file = file.to_string_lossy();
    let config = ("UV_CONFIG_FILE", &*file);
    assert_eq!(page_of(&[config]).as_deref(), Some("https://u:p@own.example/simple/uv/"));
    assert_eq!(page_of(&[config, ("PIP_INDEX_URL", "https://pip/s")]).as_deref(), Some("https://pip/s/uv/"));
    assert_eq!(page_of(&[config, ("UV_OFFLINE", "1")]), None);
}
