-- A web shop in snake_case, with comments on a few tables.
CREATE TABLE customers AS SELECT i AS customer_id, words(i, 1) AS first_name, words(i, 2) AS last_name,
    'user' || i || '@example.com' AS email, one_of(i, 3, ['bronze', 'silver', 'gold']) AS loyalty_tier,
    day(i, 4) AS signed_up_at, one_of(i, 5, ['DE', 'FR', 'US', 'GB']) AS country_code FROM numbered(300);
CREATE TABLE customer_addresses AS SELECT i AS address_id, pick(i, 6, 300) AS customer_id, words(i, 7) AS street,
    one_of(i, 8, ['Lisbon', 'Porto', 'Madrid']) AS city, code(i, 5) AS postal_code, i % 2 = 0 AS is_default FROM numbered(400);
CREATE TABLE orders AS SELECT i AS order_id, pick(i, 9, 300) AS customer_id, day(i, 10) AS placed_at,
    one_of(i, 11, ['pending', 'shipped', 'delivered', 'cancelled']) AS status,
    one_of(i, 12, ['web', 'app', 'store']) AS channel, money(i, 13) AS total_amount FROM numbered(900);
CREATE TABLE order_lines AS SELECT i AS order_line_id, pick(i, 14, 900) AS order_id, pick(i, 15, 120) AS product_id,
    pick(i, 16, 5) AS quantity, money(i, 17) AS unit_price, money(i, 18) AS discount_amount FROM numbered(1800);
CREATE TABLE products AS SELECT i AS product_id, code(i, 8) AS sku, words(i, 19) AS title,
    one_of(i, 20, ['Acme', 'Globex', 'Initech', 'Umbrella']) AS brand, pick(i, 21, 12) AS category_id,
    money(i, 22) AS list_price, day(i, 23) AS discontinued_at FROM numbered(120);
CREATE TABLE product_categories AS SELECT i AS category_id, i // 3 AS parent_id, words(i, 24) AS label FROM numbered(12);
CREATE TABLE product_reviews AS SELECT i AS review_id, pick(i, 25, 120) AS product_id, pick(i, 26, 300) AS customer_id,
    pick(i, 27, 5) AS stars, words(i, 28) AS body, day(i, 29) AS reviewed_at FROM numbered(500);
CREATE TABLE payments AS SELECT i AS payment_id, pick(i, 30, 900) AS order_id,
    one_of(i, 31, ['card', 'paypal', 'invoice']) AS method, day(i, 32) AS paid_at, money(i, 33) AS amount FROM numbered(900);
CREATE TABLE refunds AS SELECT i AS refund_id, pick(i, 34, 900) AS payment_id,
    one_of(i, 35, ['damaged', 'wrong size', 'arrived late']) AS reason, money(i, 36) AS refunded_amount,
    day(i, 37) AS refunded_at FROM numbered(120);
CREATE TABLE shipments AS SELECT i AS shipment_id, pick(i, 38, 900) AS order_id,
    one_of(i, 39, ['DHL', 'UPS', 'Hermes']) AS carrier, code(i, 9) AS tracking_number, day(i, 40) AS shipped_at,
    day(i, 41) AS delivered_at FROM numbered(800);
CREATE TABLE warehouses AS SELECT i AS warehouse_id, words(i, 42) AS city, pick(i, 43, 9000) AS capacity FROM numbered(8);
CREATE TABLE stock_levels AS SELECT pick(i, 44, 8) AS warehouse_id, pick(i, 45, 120) AS product_id,
    pick(i, 46, 500) AS on_hand, pick(i, 47, 50) AS reserved, day(i, 48) AS counted_at FROM numbered(900);
CREATE TABLE suppliers AS SELECT i AS supplier_id, words(i, 49) AS company_name, pick(i, 50, 60) AS lead_time_days,
    one_of(i, 51, ['Poland', 'Vietnam', 'Portugal']) AS country FROM numbered(40);
CREATE TABLE purchase_orders AS SELECT i AS purchase_order_id, pick(i, 52, 40) AS supplier_id, day(i, 53) AS ordered_at,
    day(i, 54) AS expected_at FROM numbered(200);
CREATE TABLE coupons AS SELECT code(i, 6) AS coupon_code, pick(i, 55, 50) AS percent_off, day(i, 56) AS valid_until FROM numbered(50);
CREATE TABLE coupon_redemptions AS SELECT i AS redemption_id, code(pick(i, 57, 50), 6) AS coupon_code,
    pick(i, 58, 900) AS order_id, day(i, 59) AS redeemed_at FROM numbered(300);
CREATE TABLE carts AS SELECT i AS cart_id, pick(i, 60, 300) AS customer_id, day(i, 61) AS created_at,
    day(i, 62) AS abandoned_at FROM numbered(400);
CREATE TABLE cart_items AS SELECT pick(i, 63, 400) AS cart_id, pick(i, 64, 120) AS product_id, pick(i, 65, 4) AS quantity FROM numbered(700);
CREATE TABLE newsletter_subscriptions AS SELECT i AS subscription_id, 'user' || i || '@example.com' AS email,
    day(i, 66) AS opted_in_at, day(i, 67) AS opted_out_at FROM numbered(200);
CREATE TABLE page_views AS SELECT i AS view_id, code(i, 7) AS session_id, words(i, 68) AS url,
    one_of(i, 69, ['phone', 'tablet', 'desktop']) AS device, day(i, 70) AS viewed_at FROM numbered(900);
CREATE TABLE marketing_campaigns AS SELECT i AS campaign_id, words(i, 71) AS name, money(i, 72) AS budget, day(i, 73) AS starts_on FROM numbered(20);
CREATE TABLE ad_spend AS SELECT pick(i, 74, 20) AS campaign_id, day(i, 75) AS day,
    one_of(i, 76, ['google', 'meta', 'tiktok']) AS network, money(i, 77) AS cost, pick(i, 78, 900) AS clicks FROM numbered(500);
CREATE TABLE stores AS SELECT i AS store_id, words(i, 79) AS name, one_of(i, 80, ['north', 'south', 'east']) AS region FROM numbered(30);
CREATE TABLE sales_targets AS SELECT pick(i, 81, 30) AS store_id, day(i, 82) AS month, money(i, 83) AS target_amount FROM numbered(200);
COMMENT ON TABLE order_lines IS 'One row for each product of an order; revenue is quantity times unit price minus discount';
COMMENT ON COLUMN product_reviews.stars IS 'Rating of the customer, 1 to 5';
COMMENT ON TABLE page_views IS 'Clickstream of the web site, one row for each page';
