//! Searches of whole projects.

use super::{
    Kind, SearchRequest, ValueMatch, ValuesRequest, find_values,
    fixture::{CONFIG, Shop},
    search,
};
use crate::{error::Code, project::Project};
use serde_json::json;
use std::{fs, path::Path};

#[test]
fn tables_and_columns_are_found_by_words_in_any_order() {
    let shop = Shop::new(CONFIG);
    for (query, table) in [
        ("which table has refunds", "s.refund_tx"),
        ("customer email address", "s.customers"),
        ("address of the email", "s.customers"),
        ("how many orders by customer number", "s.orders"),
        ("amount total", "s.orders"),
        ("WAREHOUSES", "s.warehouse"),
        ("people who buy", "s.customers"),
    ] {
        assert_eq!(shop.first(query, Kind::Table), table, "{query}");
    }
    assert_eq!(shop.first("customer number", Kind::Column), "s.orders.cust_nbr");
    assert_eq!(shop.first("email", Kind::Column), "s.customers.emailAddress");
    let all = shop.search("customer email address", &[]);
    assert!(all.hits.iter().any(|hit| hit.kind == Kind::Table) && all.hits.iter().any(|hit| hit.kind == Kind::Column));
    let table = all.hits.iter().find(|hit| hit.name == "s.customers").unwrap();
    assert_eq!((table.table.as_deref(), table.connection_id.as_deref()), (Some("s.customers"), Some("shop")));
    assert!(table.why.contains("columns `emailAddress`") && table.why.contains("people who buy"), "{}", table.why);
}

#[test]
fn limit_that_cuts_the_hits_is_reported() {
    let shop = Shop::new(CONFIG);
    let ask = |kinds: &[Kind], limit| {
        let request =
            SearchRequest { query: "customer".into(), kinds: kinds.to_vec(), limit: Some(limit), ..Default::default() };
        search(&shop.project, &request).unwrap()
    };
    for kinds in [&[][..], &[Kind::Table], &[Kind::Column]] {
        let whole = ask(kinds, 200);
        let count = whole.hits.len();
        assert!(count > 1 && !whole.truncated, "{kinds:?}: {count}");
        let (exact, less) = (ask(kinds, count), ask(kinds, count - 1));
        assert_eq!((exact.hits.len(), exact.truncated), (count, false), "{kinds:?}");
        assert_eq!((less.hits.len(), less.truncated), (count - 1, true), "{kinds:?}");
    }
}

#[test]
fn misspellings_and_parts_of_names_are_found() {
    let shop = Shop::new(CONFIG);
    let answer = shop.search("custmoer", &[Kind::Table]);
    assert_eq!(answer.hits[0].name, "s.customers");
    assert_eq!(answer.notes, ["No name has the word custmoer; searched for customer"]);
    assert_eq!(shop.first("emial", Kind::Column), "s.customers.emailAddress");
    assert_eq!(shop.first("wareh", Kind::Table), "s.warehouse");
}

#[test]
fn joined_tables_follow() {
    let shop = Shop::new(CONFIG);
    let first =
        |query| shop.search(query, &[Kind::Table]).hits.into_iter().take(2).map(|hit| hit.name).collect::<Vec<_>>();
    assert_eq!([first("refunds"), first("people who buy")], [["s.refund_tx", "s.orders"], ["s.customers", "s.orders"]]);
}

#[test]
fn values_are_found_with_their_spelling() {
    let shop = Shop::new(CONFIG);
    let answer = shop.search("columns holding 'enterprise'", &[]);
    assert_eq!((answer.hits[0].kind, answer.hits[0].name.as_str()), (Kind::Value, "s.orders.seg_cd"));
    assert_eq!(answer.hits[0].why, "column `seg_cd`: value 'Enterprise', 3,120 rows");
    assert_eq!(shop.first("enterprise customers", Kind::Table), "s.orders");
    let near = shop.search("columns holding 'Enterprize'", &[Kind::Value]);
    assert_eq!(near.notes, ["No indexed value is 'Enterprize'; the hits have similar ones"]);
    assert_eq!(near.hits.len(), 1);
    let matched = |text: &str, column: Option<&str>| {
        let request =
            ValuesRequest { text: text.into(), column: column.map(str::to_owned), ..ValuesRequest::default() };
        let values = find_values(&shop.project, &request).unwrap().values;
        values.into_iter().map(|found| (found.value, found.rows, found.matched)).collect::<Vec<_>>()
    };
    assert_eq!(matched("Enterprise", None), [("Enterprise".to_owned(), Some(3120), ValueMatch::Exact)]);
    assert_eq!(matched("ENTERPRISE", Some("ORDERS.seg_cd"))[0].2, ValueMatch::Case);
    assert_eq!(matched("enterprize", Some("seg_cd"))[0].2, ValueMatch::Near);
    assert_eq!(matched("Enterprise", Some("cd")), []);
    assert_eq!(matched("Acme", None), []);
}

#[test]
fn abbreviations_that_no_list_has_are_found_in_both_directions() {
    let shop = Shop::new(CONFIG);
    shop.table("crtn_mst", "", &["crtn_no", "plt_typ", "wght"], None);
    let answer = shop.search("cartons", &[Kind::Table]);
    assert_eq!(answer.hits[0].name, "s.crtn_mst");
    assert_eq!(answer.notes, ["No name has the word cartons; searched for crtn"]);
    assert_eq!(shop.first("pallet weight", Kind::Table), "s.crtn_mst");
    assert_eq!(shop.first("wrhs", Kind::Table), "s.warehouse");
    // A word that the index has is no abbreviation of another one, nor the other way round.
    shop.table("cartons", "", &["id"], None);
    assert_eq!(shop.first("cartons", Kind::Table), "s.cartons");
}

#[test]
fn semantic_sources_notes_and_edits_are_found_at_once() {
    let shop = Shop::new(CONFIG);
    let source = |measure: &str| {
        format!(
            "name: sales\ntable: s.orders\nmeasures: [{{ name: {measure}, expr: sum(total_amt), description: after discounts }}]\n"
        )
    };
    assert_eq!(shop.first("net revenue", Kind::Measure), "");
    shop.write("semantic-layer/shop/sales.yaml", &source("net_revenue"));
    let answer = shop.search("net revenue", &[]);
    assert_eq!(
        (answer.hits[0].name.as_str(), answer.hits[0].table.as_deref()),
        ("sales.net_revenue", Some("s.orders"))
    );
    assert_eq!(answer.hits[0].why, "measure of sales: after discounts");
    assert!(answer.hits.iter().any(|hit| hit.name == "s.orders"), "{answer:?}");
    shop.write("semantic-layer/shop/sales.yaml", &source("gross_margn"));
    assert_eq!(shop.first("gross", Kind::Measure), "sales.gross_margn");
    assert_eq!(shop.first("net revenue", Kind::Measure), "");
    shop.write("notes/finance/churn.md", "# Churn\nA customer that cancelled\n## Rules\nIgnore trials\n");
    assert_eq!(shop.first("cancelled", Kind::Page), "notes/finance/churn.md");
    fs::remove_file(shop.path("notes/finance/churn.md")).unwrap();
    fs::remove_file(shop.path("semantic-layer/shop/sales.yaml")).unwrap();
    assert_eq!(
        (shop.first("cancelled", Kind::Page), shop.first("gross", Kind::Measure)),
        (String::new(), String::new())
    );
}

#[test]
fn metrics_and_synonyms_are_found() {
    let config = "connections: { shop: { driver: sqlite, policy: { deny: { columns: ['*.salary'] } } } }";
    let shop = Shop::new(config);
    let metrics = "metrics:
- { name: take_rate, expr: sales.fees / sales.volume, synonyms: [commission], description: What we keep }
- { name: pay, expr: sum(staff.salary), synonyms: [wages] }
";
    shop.write("semantic-layer/metrics.yaml", metrics);
    let measure = "{ name: net_revenue, expr: sum(total_amt), synonyms: [turnover] }";
    shop.write("semantic-layer/shop/sales.yaml", &format!("name: sales\ntable: s.orders\nmeasures: [{measure}]\n"));
    let answer = shop.search("commission", &[]);
    let hit = &answer.hits[0];
    assert_eq!((hit.kind, hit.name.as_str(), hit.connection_id.as_deref()), (Kind::Metric, "take_rate", None));
    assert_eq!(hit.why, "metric: What we keep");
    assert_eq!(shop.first("turnover", Kind::Measure), "sales.net_revenue");
    assert_eq!(shop.first("wages", Kind::Metric), "", "its column is denied");
    fs::remove_file(shop.path("semantic-layer/metrics.yaml")).unwrap();
    assert_eq!(shop.first("commission", Kind::Metric), "");
}

#[test]
fn query_templates_and_explores_are_found_and_raise_their_tables() {
    let shop = Shop::new("connections: { shop: { driver: sqlite }, bi: { driver: looker } }");
    let template = json!({ "fingerprint": "f1", "dialect": "sqlite", "normalized_sql": "SELECT churned FROM s.warehouse",
        "tables": [{ "catalog": null, "db": "s", "name": "warehouse" }], "columns_by_clause": {}, "literal_slots": [],
        "calls": 1204, "total_ms": 1.0, "mean_ms": 1.0, "rows": 1, "statements": 1, "nested": false });
    shop.write("raw-sources/shop/historic-sql/1/templates/f1.json", &template.to_string());
    let answer = shop.search("churned", &[]);
    let query = answer.hits.iter().find(|hit| hit.kind == Kind::Query).unwrap();
    assert_eq!((query.name.as_str(), query.table.as_deref()), ("f1", Some("s.warehouse")));
    assert_eq!(query.why, "1,204 calls: SELECT churned FROM s.warehouse");
    assert!(answer.hits.iter().any(|hit| (hit.kind, hit.name.as_str()) == (Kind::Table, "s.warehouse")), "{answer:?}");
    let explore = json!({ "name": "loyalty", "model_name": "retail", "label": "Loyal members", "description": null,
        "joins": [{ "name": "tiers" }], "fields": { "dimensions": [{ "name": "loyalty.tier", "description": null }] },
        "physicalTables": [{ "ok": true, "canonical_table": "s.customers", "connection": "shop" }] });
    shop.write("raw-sources/bi/looker/1/explores/retail.loyalty.json", &explore.to_string());
    let answer = shop.search("loyal members tier", &[]);
    let view = answer.hits.iter().find(|hit| hit.kind == Kind::View).unwrap();
    assert_eq!((view.name.as_str(), view.connection_id.as_deref()), ("retail.loyalty", Some("bi")));
    assert_eq!((view.table.as_deref(), view.why.as_str()), (Some("s.customers"), "Looker explore: Loyal members"));
    assert!(answer.hits.iter().any(|hit| hit.name == "s.customers"), "{answer:?}");
    let of_bi = SearchRequest {
        query: "loyal members customers".into(),
        connection_id: Some("bi".into()),
        ..SearchRequest::default()
    };
    let hits = search(&shop.project, &of_bi).unwrap().hits;
    assert_eq!(hits.iter().map(|hit| hit.name.as_str()).collect::<Vec<_>>(), ["retail.loyalty"]);
}

#[test]
fn only_changed_entities_are_written() {
    let shop = Shop::new(CONFIG);
    shop.search("orders", &[]);
    let entities = || {
        let database = rusqlite::Connection::open(shop.index()).unwrap();
        let mut select = database.prepare("SELECT key, hash || id FROM entities ORDER BY key").unwrap();
        let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        rows.collect::<rusqlite::Result<Vec<(String, String)>>>().unwrap()
    };
    let before = entities();
    // A replaced file changes the time of its folder.
    fs::remove_file(shop.path("raw-sources/shop/live-database/1/tables/s.warehouse.json")).unwrap();
    shop.table("warehouse", "now with a comment", &["id"], None);
    assert!(shop.search("warehouse", &[Kind::Table]).hits[0].why.contains("now with a comment"));
    let after = entities();
    let changed: Vec<_> = after.iter().filter(|entity| !before.contains(entity)).map(|(key, _)| key.as_str()).collect();
    assert_eq!(changed, ["s.warehouse"]);
}

#[test]
fn segments_are_merged_after_many_changes_only() {
    let shop = Shop::new(CONFIG);
    let segments = || {
        let database = rusqlite::Connection::open(shop.index()).unwrap();
        let count = "SELECT count(DISTINCT segid) FROM words_of_items_idx";
        database.query_row(count, [], |row| row.get::<_, i64>(0)).unwrap()
    };
    let note = |text: &str| {
        shop.write("notes/many.md", text);
        shop.search("anything", &[]);
        segments()
    };
    assert_eq!(note("One section"), 1);
    assert_eq!(note("Another section"), 2);
    let many: String = (0..200).map(|number| format!("# Section {number}\nText\n")).collect();
    assert_eq!(note(&many), 1);
}

#[test]
fn lost_and_damaged_indexes_are_built_again() {
    let shop = Shop::new(CONFIG);
    let expected = shop.search("refunds", &[]);
    let check = |what: &str| assert_eq!(shop.search("refunds", &[]), expected, "{what}");
    fs::remove_file(shop.index()).unwrap();
    check("lost");
    fs::write(shop.index(), "no database at all".repeat(1000)).unwrap();
    check("of another program");
    let size = usize::try_from(fs::metadata(shop.index()).unwrap().len()).unwrap();
    let mut bytes = fs::read(shop.index()).unwrap();
    bytes[4096..size].fill(0xAA);
    fs::write(shop.index(), &bytes).unwrap();
    check("damaged");
    fs::write(shop.index(), &fs::read(shop.index()).unwrap()[..size / 2]).unwrap();
    check("cut");
    fs::write(shop.index(), "").unwrap();
    check("empty");
    rusqlite::Connection::open(shop.index()).unwrap().pragma_update(None, "user_version", 99).unwrap();
    check("of another version");
    fs::write(shop.path(".ktx/search.sqlite.x.tmp"), "killed").unwrap();
    fs::remove_file(shop.index()).unwrap();
    check("after a killed build");
    let names: Vec<_> = fs::read_dir(shop.path(".ktx")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(names.iter().all(|name| name == "search.sqlite" || name == "locks"), "{names:?}");
}

#[test]
fn denied_and_masked_data_are_in_no_byte_of_the_index() {
    let shop = Shop::new(CONFIG);
    shop.table("salaries", "secret_comment", &["secret_column"], None);
    shop.profile("salaries", &json!({ "secret_column": [["SECRETVALUE", 1]] }));
    shop.profile("customers", &json!({ "first_name": [["MASKEDNAME", 9]], "emailAddress": [["HIDDENMAIL", 9]] }));
    shop.table("bonus", "see salaries", &["id"], None);
    shop.write("notes/a.md", "The table salaries is secret\nAll is well\n");
    assert_eq!(shop.first("salaries", Kind::Table), "s.salaries");
    let policy =
        "policy: { deny: { tables: [s.salaries], columns: [customers.emailAddress] }, mask: [customers.first_name] }";
    let config = format!("connections: {{ shop: {{ driver: sqlite, {policy} }} }}");
    shop.write("ktx.yaml", &config);
    let limited = Shop { project: Project::parsed(shop.dir.path(), &config), dir: shop.dir };
    assert_eq!(limited.first("salaries", Kind::Table), "");
    assert_eq!(limited.first("well", Kind::Page), "notes/a.md");
    assert_eq!(limited.first("first name", Kind::Column), "s.customers.first_name");
    let bytes = fs::read(limited.index()).unwrap();
    let text = String::from_utf8_lossy(&bytes).to_lowercase();
    for hidden in ["salaries", "salary", "secret", "maskedname", "hiddenmail", "emailaddress"] {
        assert!(!text.contains(hidden), "{hidden}");
    }
    assert!(text.contains("enterprise"));
}

#[test]
fn hostile_queries_and_names_are_no_errors() {
    let shop = Shop::new(CONFIG);
    let names = ["a\"b' OR 1=1 --", "NEAR(x y)", "*", "\u{202e}live", "שם", "🦀", "a\0b", "-", "x: AND NOT"];
    shop.table("odd \"); DROP TABLE documents; --", "\u{1b}[31mred", &names, None);
    for query in
        names.iter().chain(&["\"", "NOT", "AND OR", "name:", "^a", "(", "{x} : y", "%", "a*", "''", "\0", "'\0\0\0\0'"])
    {
        let request = SearchRequest { query: (*query).to_owned(), ..SearchRequest::default() };
        assert!(search(&shop.project, &request).is_ok(), "{query:?}");
        let values = ValuesRequest { text: (*query).to_owned(), ..ValuesRequest::default() };
        assert!(find_values(&shop.project, &values).is_ok(), "{query:?}");
    }
    let answer = shop.search("odd drop", &[]);
    assert!(answer.hits[0].why.chars().all(|c| !c.is_control()), "{answer:?}");
    assert_eq!(shop.first("שם", Kind::Column).rsplit('.').next(), Some("שם"));
    assert_eq!(shop.search("🦀", &[]).notes.len(), 1);
}

#[test]
fn bad_requests_are_errors() {
    let shop = Shop::new(CONFIG);
    let code = |request: SearchRequest| search(&shop.project, &request).unwrap_err().code();
    assert_eq!(code(SearchRequest { query: " \n".into(), ..SearchRequest::default() }), Code::ArgumentInvalid);
    assert_eq!(
        code(SearchRequest { query: "a".into(), limit: Some(0), ..SearchRequest::default() }),
        Code::ArgumentInvalid
    );
    let unknown = SearchRequest { query: "a".into(), connection_id: Some("x".into()), ..SearchRequest::default() };
    assert_eq!(code(unknown), Code::ConnectionUnknown);
    assert_eq!(Kind::from_name("tables").unwrap_err().code(), Code::ArgumentInvalid);
    assert!(!Path::new(&shop.index()).exists());
}

#[test]
fn concurrent_searches_build_one_index() {
    let shop = Shop::new(CONFIG);
    let expected = shop.search("refunds", &[]);
    fs::remove_file(shop.index()).unwrap();
    std::thread::scope(|scope| {
        let searches: Vec<_> = (0..4).map(|_| scope.spawn(|| shop.search("refunds", &[]))).collect();
        searches.into_iter().for_each(|found| assert_eq!(found.join().unwrap(), expected));
    });
}
