-- A group of companies: the parent's tables in German, those of its French subsidiary in the schema `filiale_fr`.
CREATE TABLE kunden AS SELECT i AS kunden_nr, words(i, 1) AS kundenname, code(i, 5) AS plz,
    one_of(i, 2, ['Bremen', 'Kassel', 'Passau']) AS ort FROM numbered(200);
CREATE TABLE auftraege AS SELECT i AS auftrags_nr, pick(i, 3, 200) AS kunden_nr, day(i, 4) AS bestelldatum,
    money(i, 5) AS auftragswert, one_of(i, 6, ['offen', 'geliefert', 'storniert']) AS auftragsstatus FROM numbered(600);
CREATE TABLE auftragspositionen AS SELECT pick(i, 7, 600) AS auftrags_nr, pick(i, 8, 150) AS artikel_nr,
    pick(i, 9, 9) AS menge, money(i, 10) AS einzelpreis FROM numbered(1200);
CREATE TABLE rechnungen AS SELECT i AS rechnungs_nr, pick(i, 11, 600) AS auftrags_nr, day(i, 12) AS faellig_am,
    money(i, 13) AS betrag_netto, day(i, 14) AS bezahlt_am FROM numbered(600);
CREATE TABLE mahnungen AS SELECT pick(i, 15, 600) AS rechnungs_nr, pick(i, 16, 3) AS mahnstufe, day(i, 17) AS mahndatum FROM numbered(150);
CREATE TABLE artikel AS SELECT i AS artikel_nr, words(i, 18) AS bezeichnung, money(i, 19) AS verkaufspreis FROM numbered(150);
CREATE TABLE lagerbestand AS SELECT pick(i, 20, 5) AS lager_nr, pick(i, 21, 150) AS artikel_nr, pick(i, 22, 500) AS bestandsmenge FROM numbered(500);
CREATE TABLE lieferanten AS SELECT i AS lieferanten_nr, words(i, 23) AS firmenname FROM numbered(60);
CREATE TABLE lieferscheine AS SELECT i AS lieferschein_nr, pick(i, 24, 600) AS auftrags_nr, day(i, 25) AS lieferdatum FROM numbered(500);
CREATE TABLE mitarbeiter AS SELECT i AS personal_nr, words(i, 26) AS nachname, day(i, 27) AS eintrittsdatum,
    pick(i, 28, 9) AS abteilungs_nr FROM numbered(120);
CREATE TABLE gehaltsabrechnung AS SELECT pick(i, 29, 120) AS personal_nr, day(i, 30) AS abrechnungsmonat, money(i, 31) AS bruttogehalt FROM numbered(600);
CREATE TABLE umsatz_monat AS SELECT day(i, 32) AS monat, one_of(i, 33, ['Nord', 'Mitte', 'Ost']) AS vertriebsgebiet,
    money(i, 34) AS umsatz FROM numbered(200);
CREATE TABLE "verträge" AS SELECT i AS vertrags_nr, pick(i, 35, 200) AS kunden_nr, day(i, 36) AS "kündigungsdatum" FROM numbered(150);
CREATE TABLE reklamationen AS SELECT i AS reklamations_nr, pick(i, 37, 600) AS auftrags_nr,
    one_of(i, 38, ['Transportschaden', 'Falschlieferung', 'Materialfehler']) AS grund FROM numbered(120);
CREATE TABLE fuhrpark AS SELECT i AS fahrzeug_nr, code(i, 6) AS kennzeichen, pick(i, 39, 200000) AS kilometerstand FROM numbered(40);
CREATE TABLE niederlassungen AS SELECT i AS niederlassungs_nr, ['Wuppertal', 'Erfurt', 'Rostock', 'Ulm'][i] AS standort FROM numbered(4);
CREATE SCHEMA filiale_fr;
CREATE TABLE filiale_fr.clients AS SELECT i AS id_client, words(i, 40) AS nom_client, one_of(i, 41, ['Lyon', 'Lille', 'Nantes']) AS ville FROM numbered(150);
CREATE TABLE filiale_fr.commandes AS SELECT i AS id_commande, pick(i, 42, 150) AS id_client, day(i, 43) AS date_commande,
    money(i, 44) AS montant_ttc FROM numbered(400);
CREATE TABLE filiale_fr.factures AS SELECT i AS id_facture, pick(i, 45, 400) AS id_commande, day(i, 46) AS date_echeance,
    one_of(i, 47, ['réglée', 'impayée']) AS etat FROM numbered(400);
CREATE TABLE filiale_fr.livraisons AS SELECT i AS id_livraison, pick(i, 48, 400) AS id_commande, day(i, 49) AS date_livraison,
    pick(i, 50, 9) AS jours_retard FROM numbered(350);
CREATE TABLE filiale_fr.remboursements AS SELECT i AS id_remboursement, pick(i, 51, 400) AS id_commande, money(i, 52) AS montant FROM numbered(60);
CREATE TABLE filiale_fr.magasins AS SELECT i AS id_magasin, words(i, 53) AS enseigne, pick(i, 54, 900) AS surface_m2 FROM numbered(20);
CREATE TABLE filiale_fr.salaries AS SELECT i AS id_salarie, words(i, 55) AS nom, day(i, 56) AS date_embauche FROM numbered(70);
COMMENT ON TABLE gehaltsabrechnung IS 'Löhne und Gehälter der Mitarbeiter je Monat';
COMMENT ON TABLE fuhrpark IS 'Fahrzeuge der Firma';
