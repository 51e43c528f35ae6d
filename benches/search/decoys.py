"""Tables that no question needs, in the naming style of a schema: the same ones in each run."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

ROWS = 20
KINDS = {
    "text": "words(i, {salt})",
    "code": "one_of(i, {salt}, ['A1', 'B2', 'C3'])",
    "number": "pick(i, {salt}, 500)",
    "money": "money(i, {salt})",
    "date": "day(i, {salt})",
}


@dataclass(frozen=True)
class Style:
    """Names of a schema: `tables` is the number of its tables, the schemas' own ones included."""

    tables: int
    copies: str
    join: Callable[[list[str]], str]
    subjects: str
    aspects: str
    columns: dict[str, str]
    schema: str = "main"


def snake(words: list[str]) -> str:
    """Join words as in `fuel_log`."""
    return "_".join(words)


def camel(words: list[str]) -> str:
    """Join words as in `fuelLog`."""
    return words[0] + "".join(word.capitalize() for word in words[1:])


ENGLISH = """
    facility room badge visitor training course certificate vehicle fuel insurance claim lease asset meter energy
    printer laptop licence incident audit policy document meeting lawsuit patent donation travel expense parking canteen
"""
ENGLISH_COLUMNS = {
    "text": "name description comment city title email note",
    "code": "status category type region priority reason state",
    "number": "quantity score rank duration capacity owner_id parent_id",
    "money": "amount price cost budget",
    "date": "created_at updated_at starts_on due_date closed_at",
}
STYLES = {
    "shop": [
        Style(60, "{}_backup", snake, ENGLISH, "log type assignment history import setting", ENGLISH_COLUMNS),
    ],
    "erp": [
        Style(
            120,
            "{}_hst",
            snake,
            """fac rm bdg vstr trn crs cert veh fuel ins clm lse ast mtr enrg prtr lic incd aud pol doc mtg pat tvl exp
            prk cntn tool gage mold shft calb""",
            "mst log dtl typ asgn stg map",
            {
                "text": "nm desc cmt addr_ln2 city email",
                "code": "stat_cd typ_cd rsn_cd cls_cd terr_cd",
                "number": "qty seq_no prty_no dur_min par_id dept_cd",
                "money": "amt cst prc bal_amt",
                "date": "crt_dt upd_dt eff_dt due_dt exp_dt",
            },
        ),
    ],
    "desk": [Style(90, "{}Archive", camel, ENGLISH, "log type assignment history import setting", ENGLISH_COLUMNS)],
    "konzern": [
        Style(
            260,
            "{}_alt",
            snake,
            """gebaeude raumbuchung schulung fahrtenbuch versicherung schadenfall anlage zaehler energie inventur
            dokument sitzung patent spende dienstreise spesen parkplatz kantine besucher ausweis geraet wartung
            werkzeug pruefmittel unfall abfall brandschutz archivgut""",
            "protokoll historie typ stammdaten zuordnung detail anhang notiz import statistik plan",
            {
                "text": "bezeichnung bemerkung ort name beschreibung",
                "code": "status kategorie art grund bereich",
                "number": "menge anzahl dauer abteilungs_nr rang",
                "money": "betrag kosten preis wert",
                "date": "angelegt_am geaendert_am gueltig_bis datum monat",
            },
        ),
        Style(
            370,
            "{}_ancien",
            snake,
            """batiment reservation formation vehicule assurance sinistre compteur energie inventaire reunion brevet
            deplacement parking cantine visiteur badge outil accident""",
            "journal historique type affectation detail import statistique plan",
            {
                "text": "libelle remarque ville nom description",
                "code": "etat categorie type motif service",
                "number": "quantite nombre duree rang",
                "money": "montant cout prix valeur",
                "date": "date_creation date_maj date_fin mois",
            },
            schema="filiale_fr",
        ),
    ],
}


def statements(name: str, own: list[str]) -> Iterator[str]:
    """Yield the statements that create the decoys of a schema, whose own tables are `own`, as `schema.table`."""
    count = len(own)
    for style in STYLES[name]:
        originals = [table for table in own if table.startswith(f"{style.schema}.")]
        for table in shuffled(originals, name)[:5]:
            copy = style.copies.format(table.split(".")[1])
            yield f'CREATE TABLE {style.schema}."{copy}" AS SELECT * FROM {quoted(table)} LIMIT {ROWS}'
        count += min(5, len(originals))
        pairs = [[subject, aspect] for subject in style.subjects.split() for aspect in style.aspects.split()]
        for words in shuffled(pairs, name)[: style.tables - count]:
            yield create(style, style.join(words))
            count += 1


def create(style: Style, table: str) -> str:
    """Return the statement that creates a decoy with 6 to 15 columns."""
    choices = [(kind, column) for kind, names in style.columns.items() for column in names.split()]
    number = 5 + digest(table, "columns") % 10
    columns = [f'i AS "{style.join(["id"])}"']
    for salt, (kind, column) in enumerate(shuffled(choices, table)[:number]):
        columns.append(f'{KINDS[kind].format(salt=salt)} AS "{style.join(column.split("_"))}"')
    return f'CREATE TABLE {style.schema}."{table}" AS SELECT {", ".join(columns)} FROM numbered({ROWS})'


def quoted(table: str) -> str:
    """Quote `schema.table`."""
    return ".".join(f'"{part}"' for part in table.split("."))


def digest(*parts: object) -> int:
    """Return a number that depends on texts only, not on the version of Python."""
    return int.from_bytes(hashlib.sha256(repr(parts).encode()).digest()[:8], "big")


def shuffled(items: list, seed: str) -> list:
    """Return items in an order that depends on the seed."""
    return sorted(items, key=lambda item: digest(seed, item))
