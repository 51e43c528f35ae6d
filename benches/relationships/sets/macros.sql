-- Functions of the sets: the same values in each run and with each version of DuckDB.
CREATE MACRO pick(i, salt, number) AS
    CAST(1 + CAST('0x' || substr(md5(i || '-' || salt), 1, 8) AS UBIGINT) % number AS INTEGER);
CREATE MACRO letter(spread, place) AS chr(CAST(65 + (spread // CAST(26 ** place AS BIGINT)) % 26 AS INTEGER));
-- A code of upper-case letters, distinct for distinct numbers below 26 to the power of its length.
CREATE MACRO code(number, length) AS
    list_aggregate(list_transform(
        range(length),
        lambda place: letter((number * 7919 + 12345) % CAST(26 ** length AS BIGINT), place)
    ), 'string_agg', '');
-- A text of words, distinct for distinct numbers and salts.
CREATE MACRO words(number, salt) AS 'Item ' || substr(md5(number || '-' || salt), 1, 8) || ' of kind ' || salt;
