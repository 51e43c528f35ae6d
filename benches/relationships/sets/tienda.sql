CREATE TABLE clientes AS SELECT
    i AS id_cliente,
    words(i, 33) AS nombre,
    pick(i, 1, 60) AS id_ciudad
FROM range(1, 701) AS rows(i);

CREATE TABLE ciudades AS SELECT i AS id_ciudad, words(i, 34) AS nombre FROM range(1, 61) AS rows(i);

CREATE TABLE productos AS SELECT
    'P' || lpad(CAST(i * 13 AS VARCHAR), 6, '0') AS codigo,
    words(i, 35) AS descripcion,
    pick(i, 2, 9) AS id_categoria
FROM range(1, 251) AS rows(i);

CREATE TABLE categorias AS SELECT
    i AS id_categoria,
    words(i, 36) AS nombre,
    CASE WHEN i > 3 THEN 1 + i % 3 END AS categoria_padre_id
FROM range(1, 10) AS rows(i);

CREATE TABLE pedidos AS SELECT
    i AS id_pedido,
    pick(i, 3, 700) AS cliente,
    CASE WHEN i % 3 = 0 THEN 'abierto' ELSE 'cerrado' END AS estado
FROM range(1, 3001) AS rows(i);

CREATE TABLE lineas_pedido AS SELECT
    CAST(1 + (i - 1) // 3 AS INTEGER) AS id_pedido,
    CAST(1 + (i - 1) % 3 AS INTEGER) AS linea,
    'P' || lpad(CAST(pick(i, 4, 250) * 13 AS VARCHAR), 6, '0') AS codigo_producto,
    pick(i, 5, 9) AS cantidad
FROM range(1, 9001) AS rows(i);
