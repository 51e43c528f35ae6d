-- The part of the warehouse that the questions need, with declared keys; `warehouse.py` fills it.
CREATE TABLE country (country_id INTEGER PRIMARY KEY, country_name TEXT NOT NULL);
CREATE TABLE cust_segment (segment_cd TEXT PRIMARY KEY, segment_name TEXT NOT NULL);
CREATE TABLE cust (
    cust_id INTEGER PRIMARY KEY, cust_nm TEXT NOT NULL, country_id INTEGER NOT NULL REFERENCES country,
    segment_cd TEXT NOT NULL REFERENCES cust_segment
);
CREATE TABLE prod_category (category_id INTEGER PRIMARY KEY, category_name TEXT NOT NULL);
CREATE TABLE prod (
    prod_id INTEGER PRIMARY KEY, prod_nm TEXT NOT NULL, category_id INTEGER NOT NULL REFERENCES prod_category,
    brand_nm TEXT NOT NULL, list_price REAL NOT NULL
);
CREATE TABLE ord_status (status_cd TEXT PRIMARY KEY, status_name TEXT NOT NULL);
CREATE TABLE sales_channel (channel_cd TEXT PRIMARY KEY, channel_name TEXT NOT NULL);
CREATE TABLE ord_hdr (
    ord_id INTEGER PRIMARY KEY, cust_id INTEGER NOT NULL REFERENCES cust, ord_date DATE NOT NULL,
    status_cd TEXT NOT NULL REFERENCES ord_status, channel_cd TEXT NOT NULL REFERENCES sales_channel,
    freight_amt REAL NOT NULL
);
CREATE TABLE ord_line (
    line_id INTEGER PRIMARY KEY, ord_id INTEGER NOT NULL REFERENCES ord_hdr, prod_id INTEGER NOT NULL REFERENCES prod,
    qty INTEGER NOT NULL, net_amt REAL NOT NULL
);
CREATE TABLE invoice (
    invoice_id INTEGER PRIMARY KEY, ord_id INTEGER NOT NULL REFERENCES ord_hdr, invoice_date DATE NOT NULL,
    invoice_amt REAL NOT NULL
);
CREATE TABLE refund (
    refund_id INTEGER PRIMARY KEY, ord_id INTEGER NOT NULL REFERENCES ord_hdr, refund_date DATE NOT NULL,
    refund_amt REAL NOT NULL
);
CREATE TABLE warehouse_site (site_id INTEGER PRIMARY KEY, city TEXT NOT NULL);
CREATE TABLE stock_level (
    site_id INTEGER NOT NULL REFERENCES warehouse_site, prod_id INTEGER NOT NULL REFERENCES prod,
    on_hand_qty INTEGER NOT NULL, PRIMARY KEY (site_id, prod_id)
);
CREATE TABLE supplier (
    supplier_id INTEGER PRIMARY KEY, supplier_nm TEXT NOT NULL, country_id INTEGER NOT NULL REFERENCES country
);
CREATE TABLE purchase_ord (
    po_id INTEGER PRIMARY KEY, supplier_id INTEGER NOT NULL REFERENCES supplier, po_date DATE NOT NULL,
    po_amt REAL NOT NULL
);
CREATE TABLE support_case (
    case_id INTEGER PRIMARY KEY, cust_id INTEGER NOT NULL REFERENCES cust, opened_date DATE NOT NULL,
    priority_cd TEXT NOT NULL, resolution_hours REAL NOT NULL
);
CREATE TABLE campaign (campaign_id INTEGER PRIMARY KEY, campaign_nm TEXT NOT NULL);
CREATE TABLE campaign_spend (
    spend_id INTEGER PRIMARY KEY, campaign_id INTEGER NOT NULL REFERENCES campaign, spend_date DATE NOT NULL,
    spend_amt REAL NOT NULL
);
CREATE TABLE product_review (
    review_id INTEGER PRIMARY KEY, prod_id INTEGER NOT NULL REFERENCES prod, review_date DATE NOT NULL,
    stars INTEGER NOT NULL
);
INSERT INTO ord_status VALUES ('NW', 'New'), ('SH', 'Shipped'), ('DL', 'Delivered'), ('CX', 'Cancelled');
INSERT INTO sales_channel VALUES ('W', 'Web shop'), ('M', 'Marketplace'), ('P', 'Phone');
INSERT INTO cust_segment VALUES ('ENT', 'Enterprise'), ('MID', 'Mid-market'), ('SMB', 'Small business');
INSERT INTO country VALUES
    (1, 'Portugal'), (2, 'Vietnam'), (3, 'Chile'), (4, 'Norway'), (5, 'Kenya'), (6, 'Canada'), (7, 'Austria');
INSERT INTO prod_category VALUES (1, 'Garden'), (2, 'Kitchen'), (3, 'Lighting'), (4, 'Bathroom');
INSERT INTO warehouse_site VALUES (1, 'Rotterdam'), (2, 'Hamburg'), (3, 'Antwerp');
