CREATE TABLE "Artist" AS SELECT i AS "ArtistId", words(i, 5) AS "Name" FROM range(1, 276) AS rows(i);

CREATE TABLE "Album" AS SELECT
    i AS "AlbumId",
    words(i, 6) AS "Title",
    pick(i, 1, 275) AS "ArtistId"
FROM range(1, 348) AS rows(i);

CREATE TABLE "Employee" AS SELECT
    i AS "EmployeeId",
    words(i, 7) AS "LastName",
    CASE WHEN i > 1 THEN (i + 2) // 4 END AS "ReportsTo"
FROM range(1, 9) AS rows(i);

CREATE TABLE "Customer" AS SELECT
    i AS "CustomerId",
    words(i, 8) AS "FirstName",
    pick(i, 2, 3) + 2 AS "SupportRepId"
FROM range(1, 60) AS rows(i);

CREATE TABLE "Genre" AS SELECT i AS "GenreId", words(i, 9) AS "Name" FROM range(1, 26) AS rows(i);

CREATE TABLE "MediaType" AS SELECT i AS "MediaTypeId", words(i, 10) AS "Name" FROM range(1, 6) AS rows(i);

CREATE TABLE "Invoice" AS SELECT
    i AS "InvoiceId",
    pick(i, 3, 59) AS "CustomerId",
    pick(i, 4, 30) AS "Total"
FROM range(1, 413) AS rows(i);

CREATE TABLE "InvoiceLine" AS SELECT
    i AS "InvoiceLineId",
    pick(i, 5, 412) AS "InvoiceId",
    pick(i, 6, 3503) AS "TrackId",
    1 AS "Quantity"
FROM range(1, 2241) AS rows(i);

CREATE TABLE "Playlist" AS SELECT i AS "PlaylistId", words(i, 11) AS "Name" FROM range(1, 19) AS rows(i);

CREATE TABLE "PlaylistTrack" AS SELECT
    CAST(1 + i % 18 AS INTEGER) AS "PlaylistId",
    CAST(1 + i // 3 AS INTEGER) AS "TrackId"
FROM range(1, 8716) AS rows(i);

CREATE TABLE "Track" AS SELECT
    i AS "TrackId",
    words(i, 12) AS "Name",
    pick(i, 9, 347) AS "AlbumId",
    pick(i, 10, 5) AS "MediaTypeId",
    pick(i, 11, 25) AS "GenreId",
    pick(i, 12, 5000) AS "Milliseconds",
    i * 1000 + 17 AS "Bytes"
FROM range(1, 3504) AS rows(i);
