"""Twenty TPC-H queries, each with handwritten SQL that all four databases support.

Most are the benchmark's own, as far as one grouping can ask them; the last ones are the traps: facts that meet over a
shared dimension, and dimensions that multiply the rows of a measure's source.
"""

from __future__ import annotations

from typing import Any

REVENUE = "SUM(l_extendedprice * (1 - l_discount))"

QUESTIONS: dict[str, tuple[dict[str, Any], str]] = {
    "pricing summary (Q1)": (
        {
            "measures": [
                "lineitem.total_quantity",
                "lineitem.revenue",
                "lineitem.charge",
                "lineitem.average_quantity",
                "lineitem.average_discount",
                "lineitem.lines",
            ],
            "dimensions": ["lineitem.returnflag", "lineitem.linestatus"],
            "filters": ["lineitem.shipdate <= '1998-09-02'"],
        },
        f"""SELECT l_returnflag, l_linestatus, SUM(l_quantity), {REVENUE},
        SUM(l_extendedprice * (1 - l_discount) * (1 + l_tax)), AVG(l_quantity), AVG(l_discount), COUNT(*)
        FROM lineitem WHERE l_shipdate <= '1998-09-02' GROUP BY 1, 2 ORDER BY 1, 2""",
    ),
    "cheapest supply (after Q2)": (
        {
            "measures": ["partsupp.cheapest"],
            "dimensions": ["part.size"],
            "filters": ["supplier_nation.region = 'EUROPE'", "part.type like '%BRASS'"],
        },
        """SELECT p_size, MIN(ps_supplycost) FROM partsupp JOIN part ON p_partkey = ps_partkey
        JOIN supplier ON s_suppkey = ps_suppkey JOIN nation ON n_nationkey = s_nationkey
        JOIN region ON r_regionkey = n_regionkey WHERE r_name = 'EUROPE' AND p_type LIKE '%BRASS' GROUP BY 1
        ORDER BY 1""",
    ),
    "shipping priority (Q3)": (
        {
            "measures": ["lineitem.revenue"],
            "dimensions": ["orders.orderkey", "orders.orderdate"],
            "filters": [
                "customer.mktsegment = 'BUILDING' and orders.orderdate < '1995-03-15'",
                "lineitem.shipdate > '1995-03-15'",
            ],
            "order_by": ["lineitem.revenue:desc", "orders.orderdate"],
            "limit": 10,
        },
        f"""SELECT o_orderkey, o_orderdate, {REVENUE} FROM lineitem JOIN orders ON o_orderkey = l_orderkey
        JOIN customer ON c_custkey = o_custkey WHERE c_mktsegment = 'BUILDING' AND o_orderdate < '1995-03-15'
        AND l_shipdate > '1995-03-15' GROUP BY 1, 2 ORDER BY 3 DESC, 2, 1 LIMIT 10""",
    ),
    "order priority checking (Q4)": (
        {
            "measures": ["orders.orders"],
            "dimensions": ["orders.orderpriority"],
            "filters": ["orders.orderdate >= '1993-07-01'", "orders.orderdate < '1993-10-01'"],
            "segments": ["lineitem.late"],
        },
        """SELECT o_orderpriority, COUNT(*) FROM orders WHERE o_orderdate >= '1993-07-01' AND o_orderdate < '1993-10-01'
        AND EXISTS (SELECT 1 FROM lineitem WHERE l_orderkey = o_orderkey AND l_commitdate < l_receiptdate)
        GROUP BY 1 ORDER BY 1""",
    ),
    "local supplier volume (Q5)": (
        {
            "measures": ["lineitem.revenue"],
            "dimensions": ["supplier_nation.name"],
            "filters": ["customer_nation.name = supplier_nation.name", "supplier_nation.region <> 'ASIA'"],
            "order_by": ["lineitem.revenue:desc"],
        },
        f"""SELECT n_name, {REVENUE} FROM lineitem JOIN orders ON o_orderkey = l_orderkey
        JOIN customer ON c_custkey = o_custkey JOIN supplier ON s_suppkey = l_suppkey AND s_nationkey = c_nationkey
        JOIN nation ON n_nationkey = s_nationkey JOIN region ON r_regionkey = n_regionkey
        WHERE r_name <> 'ASIA' GROUP BY 1 ORDER BY 2 DESC""",
    ),
    "revenue change (Q6)": (
        {
            "measures": ["sum(lineitem.extendedprice * lineitem.discount)"],
            "filters": [
                "lineitem.shipdate >= '1994-01-01' and lineitem.shipdate < '1995-01-01'",
                "lineitem.discount between 0.05 and 0.07",
                "lineitem.quantity < 24",
            ],
        },
        """SELECT SUM(l_extendedprice * l_discount) FROM lineitem WHERE l_shipdate >= '1994-01-01'
        AND l_shipdate < '1995-01-01' AND l_discount BETWEEN 0.05 AND 0.07 AND l_quantity < 24""",
    ),
    "volume shipping (Q7)": (
        {
            "measures": ["lineitem.revenue"],
            "dimensions": [
                "supplier_nation.region",
                "customer_nation.region",
                {"field": "lineitem.shipdate", "granularity": "year"},
            ],
            "filters": ["lineitem.shipdate between '1995-01-01' and '1996-12-31'"],
        },
        f"""SELECT r1.r_name, r2.r_name, DATE_TRUNC('year', l_shipdate), {REVENUE} FROM lineitem
        JOIN orders ON o_orderkey = l_orderkey JOIN customer ON c_custkey = o_custkey
        JOIN supplier ON s_suppkey = l_suppkey JOIN nation n1 ON n1.n_nationkey = s_nationkey
        JOIN nation n2 ON n2.n_nationkey = c_nationkey JOIN region r1 ON r1.r_regionkey = n1.n_regionkey
        JOIN region r2 ON r2.r_regionkey = n2.n_regionkey
        WHERE l_shipdate BETWEEN '1995-01-01' AND '1996-12-31' GROUP BY 1, 2, 3 ORDER BY 1, 2, 3""",
    ),
    "market share (Q8)": (
        {
            "measures": ["lineitem.brazil_share"],
            "dimensions": [{"field": "orders.orderdate", "granularity": "year"}],
            "filters": ["customer_nation.region = 'AMERICA'"],
        },
        """SELECT DATE_TRUNC('year', o_orderdate), SUM(CASE WHEN n1.n_name = 'BRAZIL' THEN l_extendedprice
        * (1 - l_discount) END) / SUM(l_extendedprice * (1 - l_discount)) FROM lineitem
        JOIN orders ON o_orderkey = l_orderkey JOIN customer ON c_custkey = o_custkey
        JOIN supplier ON s_suppkey = l_suppkey JOIN nation n1 ON n1.n_nationkey = s_nationkey
        JOIN nation n2 ON n2.n_nationkey = c_nationkey JOIN region ON r_regionkey = n2.n_regionkey
        WHERE r_name = 'AMERICA' GROUP BY 1 ORDER BY 1""",
    ),
    "product type profit (Q9)": (
        {
            "measures": ["lineitem.profit"],
            "dimensions": ["supplier_nation.name", {"field": "orders.orderdate", "granularity": "year"}],
            "filters": ["part.name like '%green%'"],
            "order_by": ["supplier_nation.name", "orders.orderdate:desc"],
        },
        """SELECT n_name, DATE_TRUNC('year', o_orderdate) AS y,
        SUM(l_extendedprice * (1 - l_discount) - ps_supplycost * l_quantity)
        FROM lineitem JOIN orders ON o_orderkey = l_orderkey JOIN part ON p_partkey = l_partkey
        JOIN partsupp ON ps_partkey = l_partkey AND ps_suppkey = l_suppkey JOIN supplier ON s_suppkey = l_suppkey
        JOIN nation ON n_nationkey = s_nationkey WHERE p_name LIKE '%green%' GROUP BY 1, 2 ORDER BY 1, 2 DESC""",
    ),
    "returned items (Q10)": (
        {
            "measures": ["lineitem.revenue"],
            "dimensions": ["customer.name", "customer.acctbal", "customer_nation.name"],
            "filters": [
                "lineitem.returnflag = 'R'",
                "orders.orderdate >= '1993-10-01'",
                "orders.orderdate < '1994-01-01'",
            ],
            "order_by": [{"field": "lineitem.revenue", "direction": "desc"}],
            "limit": 20,
        },
        f"""SELECT c_name, c_acctbal, n_name, {REVENUE} FROM lineitem JOIN orders ON o_orderkey = l_orderkey
        JOIN customer ON c_custkey = o_custkey JOIN nation ON n_nationkey = c_nationkey WHERE l_returnflag = 'R'
        AND o_orderdate >= '1993-10-01' AND o_orderdate < '1994-01-01' GROUP BY 1, 2, 3 ORDER BY 4 DESC, 1 LIMIT 20""",
    ),
    "important stock (after Q11)": (
        {
            "measures": ["partsupp.value"],
            "dimensions": ["part.partkey"],
            "filters": ["supplier_nation.region = 'EUROPE'", "partsupp.value > 5000000"],
            "order_by": ["value:desc"],
        },
        """SELECT ps_partkey, SUM(ps_supplycost * ps_availqty) FROM partsupp JOIN supplier ON s_suppkey = ps_suppkey
        JOIN nation ON n_nationkey = s_nationkey JOIN region ON r_regionkey = n_regionkey WHERE r_name = 'EUROPE'
        GROUP BY 1 HAVING SUM(ps_supplycost * ps_availqty) > 5000000 ORDER BY 2 DESC""",
    ),
    "shipping modes (Q12)": (
        {
            "measures": ["lineitem.urgent", {"expr": "lineitem.lines - lineitem.urgent", "name": "others"}],
            "dimensions": ["lineitem.shipmode"],
            "segments": ["lineitem.late"],
            "filters": ["lineitem.shipmode in ('MAIL', 'SHIP')", "lineitem.shipdate < lineitem.commitdate"],
        },
        """SELECT l_shipmode, COUNT(CASE WHEN o_orderpriority IN ('1-URGENT', '2-HIGH') THEN 1 END),
        COUNT(CASE WHEN o_orderpriority NOT IN ('1-URGENT', '2-HIGH') THEN 1 END) FROM lineitem
        JOIN orders ON o_orderkey = l_orderkey WHERE l_commitdate < l_receiptdate AND l_shipmode IN ('MAIL', 'SHIP')
        AND l_shipdate < l_commitdate GROUP BY 1 ORDER BY 1""",
    ),
    "promotion effect (Q14)": (
        {
            "measures": ["lineitem.promo_share"],
            "dimensions": [{"field": "lineitem.shipdate", "granularity": "quarter"}],
        },
        f"""SELECT DATE_TRUNC('quarter', l_shipdate), 100.0 * SUM(CASE WHEN p_type LIKE 'PROMO%' THEN l_extendedprice
        * (1 - l_discount) END) / {REVENUE} FROM lineitem JOIN part ON p_partkey = l_partkey GROUP BY 1 ORDER BY 1""",
    ),
    "top supplier (Q15)": (
        {
            "measures": ["lineitem.revenue"],
            "dimensions": ["supplier.suppkey", "supplier.name"],
            "filters": ["lineitem.shipdate >= '1996-01-01' and lineitem.shipdate < '1996-04-01'"],
            "order_by": ["lineitem.revenue:desc"],
            "limit": 1,
        },
        f"""SELECT s_suppkey, s_name, {REVENUE} FROM lineitem JOIN supplier ON s_suppkey = l_suppkey
        WHERE l_shipdate >= '1996-01-01' AND l_shipdate < '1996-04-01' GROUP BY 1, 2 ORDER BY 3 DESC LIMIT 1""",
    ),
    "suppliers of parts (Q16)": (
        {
            "measures": ["partsupp.suppliers"],
            "dimensions": ["part.brand", "part.size"],
            "filters": ["part.brand <> 'Brand#45' and part.size in (49, 14, 23, 45, 19, 3, 36, 9)"],
            "order_by": ["partsupp.suppliers:desc"],
        },
        """SELECT p_brand, p_size, COUNT(DISTINCT ps_suppkey) FROM partsupp JOIN part ON p_partkey = ps_partkey
        WHERE p_brand <> 'Brand#45' AND p_size IN (49, 14, 23, 45, 19, 3, 36, 9)
        GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2""",
    ),
    "large orders (Q18)": (
        {
            "measures": ["lineitem.total_quantity"],
            "dimensions": ["customer.name", "orders.orderkey", "orders.totalprice"],
            "filters": ["lineitem.total_quantity > 250", "customer.custkey > 0"],
            "order_by": ["orders.totalprice:desc"],
        },
        """SELECT c_name, o_orderkey, o_totalprice, SUM(l_quantity) FROM lineitem JOIN orders ON o_orderkey = l_orderkey
        JOIN customer ON c_custkey = o_custkey GROUP BY 1, 2, 3 HAVING SUM(l_quantity) > 250 ORDER BY 3 DESC""",
    ),
    "discounted revenue (Q19)": (
        {
            "measures": ["lineitem.revenue"],
            "filters": [
                "(part.container like 'SM%' and lineitem.quantity between 1 and 11)"
                " or (part.container like 'MED%' and lineitem.quantity between 10 and 20)",
                "lineitem.shipmode in ('AIR', 'AIR REG')",
            ],
        },
        f"""SELECT {REVENUE} FROM lineitem JOIN part ON p_partkey = l_partkey
        WHERE ((p_container LIKE 'SM%' AND l_quantity BETWEEN 1 AND 11)
        OR (p_container LIKE 'MED%' AND l_quantity BETWEEN 10 AND 20)) AND l_shipmode IN ('AIR', 'AIR REG')""",
    ),
    "customers without orders (after Q22)": (
        {
            "measures": ["customer.customers", "customer.balance"],
            "dimensions": ["customer.mktsegment"],
            "filters": ["orders.orderkey is null", "customer.acctbal > 0"],
        },
        """SELECT c_mktsegment, COUNT(*), SUM(c_acctbal) FROM customer WHERE c_acctbal > 0
        AND NOT EXISTS (SELECT 1 FROM orders WHERE o_custkey = c_custkey) GROUP BY 1 ORDER BY 1""",
    ),
    "trap: two facts by a shared dimension (chasm)": (
        {
            "measures": [
                "lineitem.revenue",
                "partsupp.value",
                "part.parts",
                {"expr": "lineitem.revenue / partsupp.value", "name": "turnover"},
            ],
            "dimensions": ["part.brand"],
        },
        f"""SELECT b.p_brand, r, v, n, r / v FROM (SELECT p_brand, COUNT(*) AS n FROM part GROUP BY 1) AS b
        LEFT JOIN (SELECT p_brand, {REVENUE} AS r FROM lineitem JOIN part ON p_partkey = l_partkey GROUP BY 1) AS l
        ON l.p_brand = b.p_brand LEFT JOIN (SELECT p_brand, SUM(ps_supplycost * ps_availqty) AS v FROM partsupp
        JOIN part ON p_partkey = ps_partkey GROUP BY 1) AS s ON s.p_brand = b.p_brand ORDER BY 1""",
    ),
    "trap: measures of customers and orders by their lines (fan-out)": (
        {
            "measures": [
                "customer.balance",
                "customer.average_balance",
                "orders.total",
                "orders.average",
                "lineitem.lines",
            ],
            "dimensions": ["lineitem.shipmode"],
            "filters": ["orders.orderstatus = 'P'"],
        },
        """SELECT l.l_shipmode, b, ab, t, ot, n FROM (SELECT l_shipmode, COUNT(*) AS n FROM lineitem JOIN orders
        ON o_orderkey = l_orderkey WHERE o_orderstatus = 'P' GROUP BY 1) AS l
        JOIN (SELECT l_shipmode, SUM(c_acctbal) AS b, AVG(c_acctbal) AS ab
        FROM (SELECT DISTINCT l_shipmode, c_custkey, c_acctbal FROM lineitem JOIN orders
        ON o_orderkey = l_orderkey JOIN customer ON c_custkey = o_custkey WHERE o_orderstatus = 'P') AS x
        GROUP BY 1) AS c
        ON c.l_shipmode = l.l_shipmode JOIN (SELECT l_shipmode, SUM(o_totalprice) AS t, AVG(o_totalprice) AS ot
        FROM (SELECT DISTINCT l_shipmode, o_orderkey, o_totalprice FROM lineitem JOIN orders ON o_orderkey = l_orderkey
        WHERE o_orderstatus = 'P') AS y GROUP BY 1) AS o ON o.l_shipmode = l.l_shipmode ORDER BY 1""",
    ),
}
