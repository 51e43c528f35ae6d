CREATE TABLE kunden AS SELECT
    i + 10000 AS kundennummer,
    words(i, 28) AS nachname,
    lpad(CAST(pick(i, 1, 500) AS VARCHAR), 5, '0') AS plz
FROM range(1, 801) AS rows(i);

CREATE TABLE artikel AS SELECT
    i AS artikel_nr,
    words(i, 29) AS bezeichnung,
    pick(i, 2, 12) AS warengruppe
FROM range(1, 301) AS rows(i);

CREATE TABLE warengruppen AS SELECT i AS id, words(i, 30) AS bezeichnung FROM range(1, 13) AS rows(i);

CREATE TABLE bestellungen AS SELECT
    i AS id,
    pick(i, 3, 800) + 10000 AS kundennummer,
    pick(i, 4, 4) AS lager
FROM range(1, 2501) AS rows(i);

CREATE TABLE bestellpositionen AS SELECT
    CAST(1 + (i - 1) // 3 AS INTEGER) AS bestellung_id,
    CAST(1 + (i - 1) % 3 AS INTEGER) AS position,
    pick(i, 5, 300) AS artikel_nr,
    pick(i, 6, 10) AS menge
FROM range(1, 7501) AS rows(i);

CREATE TABLE lager AS SELECT i AS id, words(i, 31) AS ort FROM range(1, 5) AS rows(i);

CREATE TABLE mitarbeiter AS SELECT
    i AS id,
    words(i, 32) AS name,
    CASE WHEN i > 3 THEN 1 + i % 3 END AS vorgesetzter_id,
    pick(i, 7, 4) AS lager_id
FROM range(1, 41) AS rows(i);
