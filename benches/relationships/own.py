"""Sets that the bench makes itself: statements for DuckDB, by name. Truth is in `truth/<name>.txt`."""

from __future__ import annotations


def table(name: str, rows: int, /, **columns: str) -> str:
    """Return a statement that creates a table; expressions refer to the row number `i`, from 1."""
    select = ", ".join(f'{expression} AS "{column}"' for column, expression in columns.items())
    return f'CREATE TABLE "{name}" AS SELECT {select} FROM range(1, {rows + 1}) AS rows(i)'


def pick(count: int, salt: int = 1, start: int = 1) -> str:
    """Return an expression for one of `count` numbers, the same in each run."""
    return f"CAST({start} + (hash(i * 7919 + {salt}) % {count}) AS INTEGER)"


def code(number: str, length: int = 3) -> str:
    """Return an expression for a code of upper-case letters: distinct for distinct numbers below 17,576."""
    spread = f"CAST((({number}) * 7919 + 12345) % {26**length} AS BIGINT)"
    letters = [f"chr(CAST(65 + ({spread} // {26**position}) % 26 AS INTEGER))" for position in range(length)]
    return " || ".join(letters)


def words(number: str, salt: int) -> str:
    """Return an expression for a text of words, distinct for distinct numbers and salts."""
    return f"'Item ' || substr(md5(CAST({number} AS VARCHAR) || '-{salt}'), 1, 8) || ' of kind {salt}'"


SETS: dict[str, list[str]] = {
    # All numbers are series of one length, so that only names and heads distinguish the targets.
    "serials": [
        table("customers", 1000, id="i", name=words("i", 1), region_id=pick(50)),
        table("suppliers", 1000, id="i", name=words("i", 2), region_id=pick(50, 2)),
        table("products", 1000, id="i", supplier_id=pick(1000, 3), category_id=pick(40, 4), weight=pick(1000, 5)),
        table("categories", 40, id="i", title=words("i", 3)),
        table("regions", 50, id="i", title=words("i", 4)),
        table("orders", 1000, id="i", customer_id=pick(1000, 6), score=pick(1000, 7), priority=pick(5, 8)),
        table("order_items", 4000, id="i", order_id=pick(1000, 9), product_id=pick(1000, 10), quantity=pick(40, 11)),
        table("shipments", 1000, id="i", order_id=pick(1000, 12), ref1=pick(1000, 13), floor=pick(50, 14)),
        table("payments", 1000, id="i", order_id=pick(1000, 15), external_no=pick(1000, 16), amount=pick(1000, 17)),
        table("refunds", 900, id="i", payment_id=pick(1000, 18), reason_code=pick(40, 19)),
    ],
    "music": [
        table("Artist", 275, ArtistId="i", Name=words("i", 5)),
        table("Album", 347, AlbumId="i", Title=words("i", 6), ArtistId=pick(275)),
        table("Employee", 8, EmployeeId="i", LastName=words("i", 7), ReportsTo="CASE WHEN i > 1 THEN (i + 2) // 4 END"),
        table("Customer", 59, CustomerId="i", FirstName=words("i", 8), SupportRepId=pick(3, 2, 3)),
        table("Genre", 25, GenreId="i", Name=words("i", 9)),
        table("MediaType", 5, MediaTypeId="i", Name=words("i", 10)),
        table("Invoice", 412, InvoiceId="i", CustomerId=pick(59, 3), Total=pick(30, 4)),
        table("InvoiceLine", 2240, InvoiceLineId="i", InvoiceId=pick(412, 5), TrackId=pick(3503, 6), Quantity="1"),
        table("Playlist", 18, PlaylistId="i", Name=words("i", 11)),
        table("PlaylistTrack", 8715, PlaylistId="CAST(1 + i % 18 AS INTEGER)", TrackId="CAST(1 + i // 3 AS INTEGER)"),
        table("Track", 3503, TrackId="i", Name=words("i", 12), AlbumId=pick(347, 9), MediaTypeId=pick(5, 10),
              GenreId=pick(25, 11), Milliseconds=pick(5000, 12), Bytes="i * 1000 + 17"),
    ],  # fmt: skip
    "trade": [
        table("Customers", 91, CustomerID=code("i", 5), CompanyName=words("i", 13), Country=f"'Land ' || {pick(20)}"),
        table("Employees", 9, EmployeeID="i", LastName=words("i", 14), ReportsTo="CASE WHEN i <> 2 THEN 2 + 3 * (i % 2) END"),
        table("Shippers", 3, ShipperID="i", CompanyName=words("i", 15)),
        table("Suppliers", 29, SupplierID="i", CompanyName=words("i", 16)),
        table("Categories", 8, CategoryID="i", CategoryName=words("i", 17)),
        table("Products", 77, ProductID="i", ProductName=words("i", 18), SupplierID=pick(29, 1), CategoryID=pick(8, 2),
              UnitsInStock=pick(100, 3)),
        table("Orders", 830, OrderID="i + 10247", CustomerID=code(pick(91, 4), 5), EmployeeID=pick(9, 5),
              ShipVia=pick(3, 6), Freight=pick(900, 7)),
        table("Order Details", 2490, OrderID="CAST(10248 + i // 3 - (i // 2490) AS INTEGER)",
              ProductID="CAST(1 + (i * 31) % 77 AS INTEGER)", Quantity=pick(50, 9)),
    ],  # fmt: skip
    "rental": [
        table("country", 109, country_id="i", country=words("i", 19)),
        table("city", 600, city_id="i", city=words("i", 20), country_id=pick(109)),
        table("address", 603, address_id="i", address=words("i", 21), city_id=pick(600, 2)),
        table("store", 2, store_id="i", manager_staff_id="i", address_id="i"),
        table("staff", 2, staff_id="i", first_name=words("i", 22), address_id="i + 2", store_id="i"),
        table("customer", 599, customer_id="i", store_id=pick(2, 3), first_name=words("i", 23), address_id="i + 4"),
        table("language", 6, language_id="i", name=words("i", 24)),
        table("film", 1000, film_id="i", title=words("i", 25), release_year="2006", language_id="1",
              original_language_id="CASE WHEN i < 0 THEN i END", length=pick(140, 4), rental_duration=pick(5, 5, 3)),
        table("category", 16, category_id="i", name=words("i", 26)),
        table("film_category", 1000, film_id="i", category_id=pick(16, 6)),
        table("actor", 200, actor_id="i", first_name=words("i", 27)),
        table("film_actor", 5462, actor_id="CAST(1 + i % 200 AS INTEGER)", film_id="CAST(1 + (i * 37 + i // 200) % 1000 AS INTEGER)"),
        table("inventory", 4581, inventory_id="i", film_id=pick(1000, 7), store_id=pick(2, 8)),
        table("rental", 16044, rental_id="i", inventory_id=pick(4581, 9), customer_id=pick(599, 10), staff_id=pick(2, 11)),
        table("payment", 16044, payment_id="i", customer_id=pick(599, 12), staff_id=pick(2, 13), rental_id="i", amount=pick(12, 14)),
    ],
    "versand": [
        table("kunden", 800, kundennummer="i + 10000", nachname=words("i", 28), plz=f"lpad(CAST({pick(500)} AS VARCHAR), 5, '0')"),
        table("artikel", 300, artikel_nr="i", bezeichnung=words("i", 29), warengruppe=pick(12, 2)),
        table("warengruppen", 12, id="i", bezeichnung=words("i", 30)),
        table("bestellungen", 2500, id="i", kundennummer=pick(800, 3, 10001), lager=pick(4, 4)),
        table("bestellpositionen", 7500, bestellung_id="CAST(1 + (i - 1) // 3 AS INTEGER)", position="CAST(1 + (i - 1) % 3 AS INTEGER)",
              artikel_nr=pick(300, 5), menge=pick(10, 6)),
        table("lager", 4, id="i", ort=words("i", 31)),
        table("mitarbeiter", 40, id="i", name=words("i", 32), vorgesetzter_id="CASE WHEN i > 3 THEN 1 + i % 3 END", lager_id=pick(4, 7)),
    ],
    "tienda": [
        table("clientes", 700, id_cliente="i", nombre=words("i", 33), id_ciudad=pick(60)),
        table("ciudades", 60, id_ciudad="i", nombre=words("i", 34)),
        table("productos", 250, codigo="'P' || lpad(CAST(i * 13 AS VARCHAR), 6, '0')", descripcion=words("i", 35), id_categoria=pick(9, 2)),
        table("categorias", 9, id_categoria="i", nombre=words("i", 36), categoria_padre_id="CASE WHEN i > 3 THEN 1 + i % 3 END"),
        table("pedidos", 3000, id_pedido="i", cliente=pick(700, 3), estado="CASE WHEN i % 3 = 0 THEN 'abierto' ELSE 'cerrado' END"),
        table("lineas_pedido", 9000, id_pedido="CAST(1 + (i - 1) // 3 AS INTEGER)", linea="CAST(1 + (i - 1) % 3 AS INTEGER)",
              codigo_producto=f"'P' || lpad(CAST({pick(250, 4)} * 13 AS VARCHAR), 6, '0')", cantidad=pick(9, 5)),
    ],
    # `commentable_id` refers to two tables; the numbers are contained in each of them.
    "forum": [
        table("users", 500, id="i", email="'u' || i || '@example.org'", invited_by_id="CASE WHEN i > 9 THEN i // 3 END"),
        table("posts", 2000, id="i", author_id=pick(500), title=words("i", 37), parent_id="CASE WHEN i % 4 = 0 THEN i // 2 END"),
        table("photos", 2000, id="i", user_id=pick(500, 2), width=pick(500, 3)),
        table("comments", 6000, id="i", user_id=pick(500, 4), commentable_type="CASE WHEN i % 2 = 0 THEN 'Post' ELSE 'Photo' END",
              commentable_id=pick(2000, 5)),
        table("attachments", 900, id="i", post_type="CASE WHEN i % 2 = 0 THEN 'Post' ELSE 'Photo' END", post_id=pick(2000, 6)),
        table("tags", 90, id="i", label=words("i", 38)),
        table("taggings", 3000, tag_id="CAST(1 + i % 90 AS INTEGER)", post_id="CAST(1 + i // 2 AS INTEGER)", taggable_rank=pick(9, 7)),
    ],
    "star": [
        table("dim_date", 1461, date_key="CAST(strftime(DATE '2020-01-01' + CAST(i - 1 AS INTEGER), '%Y%m%d') AS INTEGER)",
              full_date="DATE '2020-01-01' + CAST(i - 1 AS INTEGER)", year="CAST(2020 + (i - 1) // 366 AS INTEGER)"),
        table("dim_customer", 900, customer_key="i", customer_code="'C-' || lpad(CAST(i * 37 AS VARCHAR), 7, '0')", segment=pick(4)),
        table("dim_product", 400, product_key="i", sku=code("i", 4) + " || '-' || CAST(i % 10 AS VARCHAR)", brand_key=pick(30, 2)),
        table("dim_brand", 30, brand_key="i", brand=words("i", 39)),
        table("dim_store", 25, store_key="i", open_date_key="CAST(strftime(DATE '2020-01-01' + CAST(i * 9 AS INTEGER), '%Y%m%d') AS INTEGER)"),
        table("fact_sales", 20000, customer_key=pick(900, 3), product_key=pick(400, 4), store_key=pick(25, 5),
              order_date_key=f"CAST(strftime(DATE '2020-01-01' + {pick(1400, 6)}, '%Y%m%d') AS INTEGER)",
              ship_date_key=f"CAST(strftime(DATE '2020-01-05' + {pick(1400, 6)}, '%Y%m%d') AS INTEGER)",
              order_date=f"DATE '2020-01-01' + {pick(1400, 6)}", quantity=pick(25, 7), units=pick(30, 8)),
        table("fact_stock", 5000, product_key=pick(400, 9), sku=code(pick(400, 9), 4) + f" || '-' || CAST({pick(400, 9)} % 10 AS VARCHAR)",
              level=pick(400, 10)),
    ],
    # Names of columns do not say what they refer to; the values do.
    "codes": [
        table("countries", 200, iso=code("i", 3), label=words("i", 40), continent=pick(6)),
        table("currencies", 150, ccy=code("i * 3 + 5000", 3), label=words("i", 41)),
        table("airfields", 1500, icao=code("i * 7 + 100000", 4), label=words("i", 42), located_in=code(pick(200, 2), 3)),
        table("legs", 9000, dep=code(f"{pick(1500, 3)} * 7 + 100000", 4), arr=code(f"{pick(1500, 4)} * 7 + 100000", 4),
              fare=pick(900, 5), paid_in=code(f"{pick(150, 6)} * 3 + 5000", 3), cabin="substr('FJWY', CAST(1 + i % 4 AS INTEGER), 1)"),
        table("tickets", 700, tid="CAST(md5(CAST(i AS VARCHAR)) AS UUID)", holder=words("i", 43), nation=code(pick(180, 7), 3)),
        table("scans", 5000, at=pick(3000, 8), doc=f"CAST(md5(CAST({pick(700, 9)} AS VARCHAR)) AS UUID)", gate=pick(40, 10)),
    ],
    # Copies, snapshots and views of tables.
    "copies": [
        table("customers", 600, customer_id="i", name=words("i", 44), country_id=pick(30)),
        table("countries", 30, country_id="i", name=words("i", 45)),
        table("customers_backup", 550, customer_id="i", name=words("i", 44), country_id=pick(30)),
        table("customer_snapshots", 2400, customer_id="CAST(1 + (i - 1) % 600 AS INTEGER)",
              taken_on="DATE '2024-01-01' + CAST((i - 1) // 600 * 30 AS INTEGER)", balance=pick(9000, 2)),
        table("orders", 3000, order_id="i", customer_id=pick(600, 3), customer_name=words(pick(600, 3), 44)),
        table("orders_wide", 3000, order_id="i", customer_id=pick(600, 3), country_id=pick(30, 4), total=pick(700, 5)),
        "CREATE VIEW active_customers AS SELECT * FROM customers WHERE customer_id % 2 = 0",
        "CREATE VIEW order_report AS SELECT o.order_id, c.customer_id, c.country_id FROM orders o JOIN customers c USING (customer_id)",
    ],
    # Numbers that look like references: grades, positions, years, counts, and three statuses.
    "decoys": [
        table("status", 3, id="i", label="substr('newopendone', CAST(i * 3 - 2 AS INTEGER), 3)"),
        table("lines", 200, id="i", name=words("i", 47)),
        table("years", 30, id="i", label=words("i", 48)),
        table("levels", 5, id="i", label=words("i", 49)),
        table("machines", 400, id="i", line_id=pick(200), status_id=pick(3, 2), built_year=pick(30, 3, 1990), level=pick(12, 4),
              serial_no="i * 17 + 3"),
        table("readings", 9000, id="i", machine_id=pick(400, 5), line_number=pick(8, 6), grade=pick(5, 7), years=pick(25, 8),
              rank=pick(200, 9), hour=pick(24, 10, 0)),
        table("parts", 350, id="i", machine_id=pick(380, 11), quantity=pick(200, 12), page=pick(30, 13)),
    ],
    "staffing": [
        table("regions", 4, region_id="i", region_name=words("i", 50)),
        table("countries", 25, country_id=code("i", 2), country_name=words("i", 51), region_id=pick(4)),
        table("locations", 23, location_id="900 + i * 100", city=words("i", 52), country_id=code(pick(14, 2), 2)),
        table("departments", 27, department_id="i * 10", department_name=words("i", 53),
              manager_id="CASE WHEN i < 12 THEN 99 + i * 3 END", location_id=f"900 + {pick(7, 3)} * 100"),
        table("jobs", 19, job_id=code("i", 2) + " || '_' || " + code("i * 5", 4), job_title=words("i", 54), min_salary=pick(9000, 4)),
        table("employees", 107, employee_id="99 + i", last_name=words("i", 55), salary=pick(20000, 5),
              job_id=f"{code(pick(19, 6), 2)} || '_' || " + code(f"{pick(19, 6)} * 5", 4),
              manager_id="CASE WHEN i > 1 THEN 99 + 1 + i // 8 END", department_id=f"{pick(11, 7)} * 10"),
        table("job_history", 60, employee_id="CAST(100 + i % 40 AS INTEGER)", start_date="DATE '2001-01-01' + CAST(i // 40 * 400 + i AS INTEGER)",
              job_id=f"{code(pick(19, 8), 2)} || '_' || " + code(f"{pick(19, 8)} * 5", 4), department_id=f"{pick(11, 9)} * 10"),
    ],
    # Composite keys that others refer to.
    "academy": [
        table("terms", 12, term_code="'T' || CAST(2018 + (i - 1) // 2 AS VARCHAR) || CAST(1 + i % 2 AS VARCHAR)", starts=words("i", 56)),
        table("courses", 60, dept_code="substr('MATPHYCHEBIOART', CAST(1 + 3 * (i % 5) AS INTEGER), 3)", course_no="CAST(100 + (i - 1) // 5 AS INTEGER)", title=words("i", 57)),
        table("sections", 600, dept_code="substr('MATPHYCHEBIOART', CAST(1 + 3 * (i % 5) AS INTEGER), 3)", course_no="CAST(100 + ((i - 1) % 60) // 5 AS INTEGER)",
              section_no="CAST(1 + (i - 1) // 60 AS INTEGER)", teacher_id=pick(45)),
        table("teachers", 45, teacher_id="i", name=words("i", 58)),
        table("students", 900, student_id="i + 5000", name=words("i", 59)),
        table("enrollments", 6000, student_id="CAST(5001 + i % 900 AS INTEGER)",
              dept_code=f"substr('MATPHYCHEBIOART', CAST(1 + 3 * ((1 + i // 10) % 5) AS INTEGER), 3)",
              course_no="CAST(100 + ((i // 10) % 60) // 5 AS INTEGER)", section_no="CAST(1 + (i // 900 + i) % 10 AS INTEGER)", grade=pick(5, 4)),
    ],
}  # fmt: skip


def statements(name: str) -> list[str]:
    """Return the statements that create a set."""
    return SETS[name]
