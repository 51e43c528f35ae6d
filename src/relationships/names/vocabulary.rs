//! Words of names that say what a column or a table is, not what it is about.

use super::words::{Likeness, compare};

/// The kind of a key that the end of a name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::relationships) enum Suffix {
    /// An identifier.
    Identifier,
    /// A number, which may also be a position or a count.
    Number,
    /// A code.
    Code,
}

const IDENTIFIERS: &[&str] = &[
    "id",
    "key",
    "sk",
    "pk",
    "fk",
    "oid",
    "uid",
    "uuid",
    "guid",
    "rid",
    "ref",
    "ident",
    "identifier",
    "hk",
    "bk",
    "nk",
    "kennung",
    "schluessel",
    "schlussel",
    "cle",
    "clave",
    "chave",
    "chiave",
    "sleutel",
];
const NUMBERS: &[&str] = &["no", "nr", "num", "nbr", "number", "nummer", "numero", "numer", "nro", "ndeg"];
const CODES: &[&str] = &["code", "cd", "cod", "codigo", "codice", "kode", "kod", "iso", "sku"];

/// Words of tables that say their layer.
const LAYERS: &[&str] = &["raw", "stg", "staging", "src", "int", "base", "mart"];
/// Words of tables that say their kind.
const DECORATIONS: &[&str] = &[
    "dim",
    "dimension",
    "fact",
    "fct",
    "tbl",
    "tb",
    "tab",
    "table",
    "lkp",
    "lookup",
    "vw",
    "view",
    "mv",
    "master",
    "mst",
    "hub",
    "sat",
    "d",
    "f",
    "t",
    "v",
];

/// Relations between rows of one table.
const SELF_REFERENCES: &[&str] = &[
    "parent",
    "root",
    "ancestor",
    "predecessor",
    "successor",
    "previous",
    "prev",
    "next",
    "original",
    "replaced",
    "superior",
    "padre",
    "pere",
    "eltern",
    "ubergeordnet",
    "vorganger",
    "nachfolger",
    "pai",
    "genitore",
    "ouder",
];
/// Relations to a person.
const PERSON_ROLES: &[&str] = &[
    "manager",
    "mgr",
    "supervisor",
    "boss",
    "chief",
    "leader",
    "reports",
    "mentor",
    "rep",
    "owner",
    "assignee",
    "jefe",
    "gerente",
    "chef",
    "vorgesetzter",
    "responsable",
    "capo",
];
/// What tables of persons are called.
const PERSONS: &[&str] = &[
    "employee",
    "staff",
    "person",
    "user",
    "worker",
    "agent",
    "member",
    "personnel",
    "mitarbeiter",
    "angestellter",
    "empleado",
    "employe",
    "salarie",
    "funcionario",
    "dipendente",
    "medewerker",
    "personal",
];

/// What a column that selects a table is called.
const SELECTORS: &[&str] = &["type", "kind", "class", "model", "table", "entity", "typ", "tipo", "art"];

/// Spans of time, and a day.
const PERIODS: &[&str] = &[
    "date",
    "day",
    "week",
    "month",
    "quarter",
    "year",
    "period",
    "season",
    "semester",
    "datum",
    "tag",
    "woche",
    "monat",
    "quartal",
    "jahr",
    "periode",
    "fecha",
    "dia",
    "semana",
    "mes",
    "trimestre",
    "ano",
    "periodo",
    "jour",
    "semaine",
    "mois",
    "annee",
    "data",
    "giorno",
    "settimana",
    "mese",
    "anno",
    "maand",
    "jaar",
];
/// What a table of dates is called beside their periods.
const CALENDARS: &[&str] = &["calendar", "calendario", "calendrier", "kalender", "time", "zeit"];

/// What is measured, paid or counted.
const QUANTITIES: &[&str] = &[
    "amount",
    "amt",
    "price",
    "cost",
    "total",
    "sum",
    "quantity",
    "qty",
    "salary",
    "wage",
    "revenue",
    "profit",
    "discount",
    "tax",
    "fee",
    "balance",
    "weight",
    "height",
    "width",
    "length",
    "volume",
    "score",
    "rating",
    "percent",
    "pct",
    "ratio",
    "temperature",
    "duration",
    "latitude",
    "longitude",
    "betrag",
    "preis",
    "menge",
    "summe",
    "kosten",
    "gewicht",
    "umsatz",
    "gehalt",
    "montant",
    "prix",
    "quantite",
    "cout",
    "poids",
    "importe",
    "monto",
    "precio",
    "cantidad",
    "costo",
    "peso",
    "importo",
    "prezzo",
    "quantita",
    "preco",
    "quantidade",
    "bedrag",
    "prijs",
    "aantal",
];

/// Whether a word says a quantity.
pub(in crate::relationships) fn is_quantity(word: &str) -> bool {
    QUANTITIES.iter().any(|quantity| compare(quantity, word) == Some(Likeness::Same))
}

/// Whether a word says a span of time.
pub(in crate::relationships) fn is_period(word: &str) -> bool {
    PERIODS.iter().any(|period| compare(period, word) == Some(Likeness::Same))
}

/// Whether a word says a table of dates.
pub(in crate::relationships) fn is_calendar(word: &str) -> bool {
    CALENDARS.iter().any(|calendar| compare(calendar, word).is_some())
}

/// Whether a word says that a column selects a table.
pub(in crate::relationships) fn is_selector(word: &str) -> bool {
    SELECTORS.contains(&word)
}

/// The kind of key that a word says.
pub(in crate::relationships) fn suffix(word: &str) -> Option<Suffix> {
    let kinds = [(IDENTIFIERS, Suffix::Identifier), (NUMBERS, Suffix::Number), (CODES, Suffix::Code)];
    kinds.into_iter().find(|(words, _)| words.contains(&word)).map(|(_, kind)| kind)
}

/// All words that say a kind of key, the longest first.
pub(in crate::relationships) fn suffixes() -> impl Iterator<Item = &'static str> {
    let mut all: Vec<_> = [IDENTIFIERS, NUMBERS, CODES].concat();
    all.sort_by_key(|word| std::cmp::Reverse(word.len()));
    all.into_iter()
}

/// Whether a word says the layer of a table.
pub(in crate::relationships) fn is_layer(word: &str) -> bool {
    LAYERS.contains(&word)
}

/// Whether a word of a table says its kind or its layer.
pub(in crate::relationships) fn is_decoration(word: &str) -> bool {
    DECORATIONS.contains(&word) || is_layer(word)
}

pub(in crate::relationships) fn is_self_reference(word: &str) -> bool {
    SELF_REFERENCES.contains(&word)
}

pub(in crate::relationships) fn is_person_role(word: &str) -> bool {
    PERSON_ROLES.contains(&word)
}

pub(in crate::relationships) fn is_person(word: &str) -> bool {
    let is_short = |person: &str| word.len() < person.len();
    PERSONS.iter().any(|person| match compare(person, word) {
        Some(Likeness::Same) => true,
        // As `emp`, but not `usermeta`.
        Some(Likeness::Abbreviated) => is_short(person),
        None => false,
    })
}
