//! Searches by meaning with a model that knows a few synonyms.

use super::{
    embedder::Embedder,
    fill::{CALL_LIMIT, MissingVectors},
    vector::DIMENSIONS,
};
use crate::{
    digest::sha256,
    error::{Code, Error, Result, rejected_with},
    project::Project,
    search::{
        document::Kind,
        fixture::{CONFIG, Shop},
        names::canonical_name,
        request::{SearchAnswer, SearchRequest},
        run::search_with,
        storage::IndexPaths,
    },
};
use std::{fs, mem, sync::Mutex, time::Duration};

const SYNONYMS: [(&str, &str); 3] = [("depot", "warehouse"), ("client", "customer"), ("reimbursement", "refund")];

/// Adds a vector for each word, which is the same for synonyms.
struct Words {
    model: &'static str,
    embedded: Mutex<Vec<String>>,
    fails: bool,
}

impl Words {
    fn new(model: &'static str) -> Self {
        Self { model, embedded: Mutex::default(), fails: false }
    }

    /// Returns the texts that were embedded since the last call.
    fn take(&self) -> Vec<String> {
        mem::take(&mut self.embedded.lock().unwrap())
    }
}

impl Embedder for Words {
    fn model(&self) -> &str {
        self.model
    }

    fn embed(&self, texts: &[String], _: Duration) -> Result<Vec<Vec<f32>>> {
        if self.fails {
            return Err(Error::new(Code::HttpConnect, "no daemon"));
        }
        self.embedded.lock().unwrap().extend_from_slice(texts);
        Ok(texts.iter().map(|text| vector(text)).collect())
    }
}

fn vector(text: &str) -> Vec<f32> {
    let mut sum = vec![0.0; DIMENSIONS];
    for word in canonical_name(text).split(' ') {
        let meant = SYNONYMS.iter().find(|(synonym, _)| *synonym == word).map_or(word, |(_, meant)| meant);
        for (index, byte) in sha256(meant).bytes().enumerate() {
            sum[index * 5 + usize::from(byte) % 5] += 1.0;
        }
    }
    let mean = sum.iter().sum::<f32>() / DIMENSIONS as f32;
    sum.iter().map(|number| number - mean).collect()
}

fn ask(project: &Project, query: &str, words: &Words) -> SearchAnswer {
    let request =
        SearchRequest { query: query.into(), kinds: vec![Kind::Table, Kind::Column], ..SearchRequest::default() };
    search_with(project, &request, Some(words)).unwrap()
}

fn embed_missing(project: &Project, words: &Words) -> Result<()> {
    let mut missing = MissingVectors::read(project, words.model())?.unwrap();
    while missing.are_left() {
        missing.store(words.model(), &words.embed(&missing.next_batch(), CALL_LIMIT)?)?;
    }
    Ok(())
}

fn embed_all(project: &Project, words: &Words) {
    embed_missing(project, words).unwrap();
    assert!(!MissingVectors::read(project, words.model()).unwrap().unwrap().are_left());
}

#[test]
fn synonyms_are_found_by_meaning_only() {
    let (shop, words) = (Shop::new(CONFIG), Words::new("a"));
    let answer = ask(&shop.project, "depot", &words);
    assert_eq!((answer.hits, answer.lacks_vectors), (vec![], true));
    embed_all(&shop.project, &words);
    let answer = ask(&shop.project, "depot", &words);
    assert!(!answer.lacks_vectors && !shop.search("depot", &[]).lacks_vectors);
    assert_eq!((answer.hits[0].name.as_str(), answer.hits[0].why.as_str()), ("s.warehouse", "similar meaning"));
    assert_eq!(shop.search("depot", &[]).hits, []);
    assert_eq!(ask(&shop.project, "table of warehouses", &words).hits[0].why, "name");
}

#[test]
fn unchanged_texts_are_not_embedded_again() {
    let (shop, words) = (Shop::new(CONFIG), Words::new("a"));
    embed_all(&shop.project, &words);
    let first = words.take();
    assert!(first.contains(&"column segment code; Enterprise, smb".to_owned()), "{first:?}");
    fs::remove_file(shop.index()).unwrap();
    shop.table("warehouse", "now with a comment", &["id", "city"], None);
    embed_all(&shop.project, &words);
    assert_eq!(words.take(), ["table warehouse: now with a comment; id, city"]);
    assert_eq!(ask(&shop.project, "depot comment", &words).hits[0].name, "s.warehouse");
}

#[test]
fn a_batch_is_stored_as_a_whole_and_by_one_caller_of_the_process() {
    let (shop, words) = (Shop::new(CONFIG), Words::new("a"));
    let mut missing = MissingVectors::read(&shop.project, "a").unwrap().unwrap();
    assert!(MissingVectors::read(&shop.project, "a").unwrap().is_none());
    let texts = missing.next_batch();
    let mut vectors: Vec<_> = texts.iter().map(|text| vector(text)).collect();
    let last = vectors.pop().unwrap();
    assert_eq!(missing.store("a", &vectors).unwrap_err().code(), Code::HttpAnswerInvalid);
    assert_eq!((missing.done(), missing.total(), missing.next_batch()), (0, texts.len(), texts));
    vectors.push(last);
    missing.store("a", &vectors).unwrap();
    assert_eq!((missing.are_left(), missing.next_batch()), (false, vec![]));
    drop(missing);
    embed_all(&shop.project, &words);
    assert_eq!(words.take(), [""; 0]);
}

#[test]
fn vectors_of_models_are_not_mixed() {
    let (shop, words, other) = (Shop::new(CONFIG), Words::new("a"), Words::new("b"));
    embed_all(&shop.project, &words);
    assert_eq!(ask(&shop.project, "depot", &other).hits, []);
    embed_all(&shop.project, &other);
    assert_eq!(other.take().len(), words.take().len() + 1);
    for words in [&words, &other] {
        assert_eq!(ask(&shop.project, "depot", words).hits[0].name, "s.warehouse");
    }
}

#[test]
fn denied_and_masked_texts_have_no_vectors() {
    let (shop, words) = (Shop::new(CONFIG), Words::new("a"));
    embed_all(&shop.project, &words);
    let count = || {
        let database = rusqlite::Connection::open(IndexPaths::vectors(&shop.project).file()).unwrap();
        database.query_row("SELECT count(*) FROM vectors", [], |row| row.get::<_, i64>(0)).unwrap()
    };
    let (before, first) = (count(), words.take());
    let denied =
        "connections: { shop: { driver: sqlite, policy: { deny: { tables: [warehouse] }, mask: [orders.seg_cd] } } }";
    shop.write("ktx.yaml", denied);
    let project = Project::parsed(shop.dir.path(), denied);
    assert_eq!(ask(&project, "depot", &words).hits, []);
    assert!(count() < before);
    words.take();
    embed_all(&project, &words);
    let embedded = words.take().join("\n");
    assert!(first.join("\n").contains("Enterprise") && !embedded.contains("Enterprise"), "{embedded}");
    assert!(!embedded.contains("warehouse"), "{embedded}");
}

#[test]
fn a_search_without_the_model_says_why() {
    struct Rejecting;
    impl Embedder for Rejecting {
        fn model(&self) -> &str {
            "a"
        }

        fn embed(&self, _: &[String], _: Duration) -> Result<Vec<Vec<f32>>> {
            Err(rejected_with(r#"{"detail":"The model is missing","hint":"Copy it"}"#))
        }
    }
    let shop = Shop::new(CONFIG);
    let request = SearchRequest { query: "warehouse".into(), ..SearchRequest::default() };
    let answer = search_with(&shop.project, &request, Some(&Rejecting)).unwrap();
    assert_eq!(answer.notes, ["Similar meanings were not searched: The model is missing. Copy it"]);
}

#[test]
fn failures_leave_the_other_lanes() {
    let (shop, mut words) = (Shop::new(CONFIG), Words::new("a"));
    embed_all(&shop.project, &words);
    words.fails = true;
    let answer = ask(&shop.project, "warehouse", &words);
    assert_eq!(answer.hits[0].name, "s.warehouse");
    assert!(answer.notes[0].starts_with("Similar meanings were not searched"), "{:?}", answer.notes);
    fs::write(IndexPaths::vectors(&shop.project).file(), "no database").unwrap();
    assert_eq!(embed_missing(&shop.project, &words).unwrap_err().code(), Code::HttpConnect);
    words.fails = false;
    assert_eq!(ask(&shop.project, "depot", &words).hits, []);
    embed_all(&shop.project, &words);
    assert_eq!(ask(&shop.project, "depot", &words).hits[0].name, "s.warehouse");
}
