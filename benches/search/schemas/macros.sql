-- Functions of the schemas, beside those of benches/relationships/sets/macros.sql.
CREATE MACRO one_of(i, salt, choices) AS choices[pick(i, salt, len(choices))];
CREATE MACRO day(i, salt) AS DATE '2024-01-01' + pick(i, salt, 700);
CREATE MACRO money(i, salt) AS CAST(pick(i, salt, 90000) / 100 AS DECIMAL(12, 2));
CREATE MACRO numbered(number) AS TABLE SELECT CAST(range AS INTEGER) AS i FROM range(1, number + 1);
