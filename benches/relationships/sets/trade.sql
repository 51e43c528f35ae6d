CREATE TABLE "Customers" AS SELECT
    code(i, 5) AS "CustomerID",
    words(i, 13) AS "CompanyName",
    'Land ' || pick(i, 1, 20) AS "Country"
FROM range(1, 92) AS rows(i);

CREATE TABLE "Employees" AS SELECT
    i AS "EmployeeID",
    words(i, 14) AS "LastName",
    CASE WHEN i <> 2 THEN 2 + 3 * (i % 2) END AS "ReportsTo"
FROM range(1, 10) AS rows(i);

CREATE TABLE "Shippers" AS SELECT i AS "ShipperID", words(i, 15) AS "CompanyName" FROM range(1, 4) AS rows(i);

CREATE TABLE "Suppliers" AS SELECT i AS "SupplierID", words(i, 16) AS "CompanyName" FROM range(1, 30) AS rows(i);

CREATE TABLE "Categories" AS SELECT i AS "CategoryID", words(i, 17) AS "CategoryName" FROM range(1, 9) AS rows(i);

CREATE TABLE "Products" AS SELECT
    i AS "ProductID",
    words(i, 18) AS "ProductName",
    pick(i, 1, 29) AS "SupplierID",
    pick(i, 2, 8) AS "CategoryID",
    pick(i, 3, 100) AS "UnitsInStock"
FROM range(1, 78) AS rows(i);

CREATE TABLE "Orders" AS SELECT
    i + 10247 AS "OrderID",
    code(pick(i, 4, 91), 5) AS "CustomerID",
    pick(i, 5, 9) AS "EmployeeID",
    pick(i, 6, 3) AS "ShipVia",
    pick(i, 7, 900) AS "Freight"
FROM range(1, 831) AS rows(i);

CREATE TABLE "Order Details" AS SELECT
    CAST(10248 + i // 3 - (i // 2490) AS INTEGER) AS "OrderID",
    CAST(1 + (i * 31) % 77 AS INTEGER) AS "ProductID",
    pick(i, 9, 50) AS "Quantity"
FROM range(1, 2491) AS rows(i);
