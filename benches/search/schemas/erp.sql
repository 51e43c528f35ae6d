-- A manufacturer's ERP with abbreviated names and coded values, and comments on a few tables and columns.
CREATE TABLE ord_hdr AS SELECT i AS ord_no, pick(i, 1, 200) AS cust_no, day(i, 2) AS ord_dt,
    one_of(i, 3, ['OP', 'SH', 'CX', 'BK']) AS ord_stat_cd, money(i, 4) AS tot_amt, pick(i, 5, 25) AS slsp_id FROM numbered(800);
CREATE TABLE ord_dtl AS SELECT pick(i, 6, 800) AS ord_no, i AS ln_no, pick(i, 7, 150) AS itm_no, pick(i, 8, 9) AS qty_ord,
    pick(i, 9, 9) AS qty_shp, money(i, 10) AS unt_prc, pick(i, 11, 30) AS disc_pct FROM numbered(1600);
CREATE TABLE cust_mst AS SELECT i AS cust_no, words(i, 12) AS cust_nm, money(i, 13) AS cr_lmt,
    pick(i, 14, 4) AS pymt_trm_cd, one_of(i, 15, ['NE', 'SW', 'MW']) AS terr_cd, words(i, 16) AS addr_ln1 FROM numbered(200);
CREATE TABLE itm_mst AS SELECT i AS itm_no, words(i, 17) AS itm_desc, one_of(i, 18, ['EA', 'BX', 'KG']) AS uom_cd,
    money(i, 19) AS std_cst, one_of(i, 20, ['PUMP', 'VALV', 'SEAL']) AS prod_ln_cd FROM numbered(150);
CREATE TABLE inv_bal AS SELECT pick(i, 21, 6) AS whs_cd, pick(i, 22, 150) AS itm_no, pick(i, 23, 900) AS qty_oh,
    pick(i, 24, 90) AS qty_alloc FROM numbered(600);
CREATE TABLE inv_txn AS SELECT i AS txn_no, pick(i, 25, 150) AS itm_no, one_of(i, 26, ['RC', 'IS', 'AJ']) AS txn_typ_cd,
    pick(i, 27, 50) AS txn_qty, day(i, 28) AS txn_dt FROM numbered(900);
CREATE TABLE vnd_mst AS SELECT i AS vnd_no, words(i, 29) AS vnd_nm, one_of(i, 30, ['A', 'B', 'C']) AS vnd_rtng FROM numbered(60);
CREATE TABLE po_hdr AS SELECT i AS po_no, pick(i, 31, 60) AS vnd_no, day(i, 32) AS po_dt, money(i, 33) AS po_amt FROM numbered(300);
CREATE TABLE gl_acct AS SELECT i AS acct_no, words(i, 34) AS acct_desc, one_of(i, 35, ['A', 'L', 'E']) AS acct_typ_cd FROM numbered(90);
CREATE TABLE gl_jrnl AS SELECT i AS jrnl_no, pick(i, 36, 90) AS acct_no, day(i, 37) AS post_dt, money(i, 38) AS dr_amt,
    money(i, 39) AS cr_amt FROM numbered(900);
CREATE TABLE ar_inv AS SELECT i AS inv_no, pick(i, 40, 200) AS cust_no, day(i, 41) AS inv_dt, day(i, 42) AS due_dt,
    money(i, 43) AS inv_amt, money(i, 44) AS open_amt FROM numbered(700);
CREATE TABLE ar_rcpt AS SELECT i AS rcpt_no, pick(i, 45, 700) AS inv_no, money(i, 46) AS rcpt_amt, day(i, 47) AS rcpt_dt FROM numbered(500);
CREATE TABLE ap_pymt AS SELECT i AS pymt_no, pick(i, 48, 60) AS vnd_no, money(i, 49) AS pymt_amt, day(i, 50) AS pymt_dt FROM numbered(400);
CREATE TABLE pymt_trm AS SELECT i AS pymt_trm_cd, ['Net 30', 'Net 60', 'Due on receipt', '2/10 Net 30'][i] AS trm_desc FROM numbered(4);
CREATE TABLE emp_mst AS SELECT i AS emp_no, words(i, 51) AS emp_nm, day(i, 52) AS hire_dt, pick(i, 53, 12) AS dept_cd FROM numbered(180);
CREATE TABLE dept_mst AS SELECT i AS dept_cd, words(i, 54) AS dept_nm FROM numbered(12);
CREATE TABLE slsp_mst AS SELECT i AS slsp_id, words(i, 55) AS slsp_nm, one_of(i, 56, ['NE', 'SW', 'MW']) AS terr_cd FROM numbered(25);
CREATE TABLE slsp_comm AS SELECT pick(i, 57, 25) AS slsp_id, pick(i, 58, 800) AS ord_no, money(i, 59) AS comm_amt FROM numbered(500);
CREATE TABLE wrk_ord AS SELECT i AS wo_no, pick(i, 60, 150) AS itm_no, pick(i, 61, 90) AS qty_sched, pick(i, 62, 9) AS qty_scrp,
    pick(i, 63, 14) AS mach_id FROM numbered(400);
CREATE TABLE bom_dtl AS SELECT pick(i, 64, 150) AS par_itm_no, pick(i, 65, 150) AS comp_itm_no, pick(i, 66, 9) AS qty_per FROM numbered(600);
CREATE TABLE mach_mst AS SELECT i AS mach_id, words(i, 67) AS mach_nm FROM numbered(14);
CREATE TABLE mach_dwn AS SELECT pick(i, 68, 14) AS mach_id, day(i, 69) AS dwn_strt, pick(i, 70, 240) AS dwn_min,
    one_of(i, 71, ['JAM', 'MAINT', 'NOMAT']) AS rsn_cd FROM numbered(500);
CREATE TABLE shp_hdr AS SELECT i AS shp_no, pick(i, 72, 800) AS ord_no, one_of(i, 73, ['FDX', 'UPS', 'LTL']) AS carr_cd,
    day(i, 74) AS shp_dt, money(i, 75) AS frt_amt FROM numbered(600);
CREATE TABLE rtn_auth AS SELECT i AS rtn_no, pick(i, 76, 800) AS ord_no, one_of(i, 77, ['DEF', 'WRNG', 'DMG']) AS rsn_cd,
    day(i, 78) AS rtn_dt FROM numbered(120);
CREATE TABLE qc_insp AS SELECT i AS insp_no, pick(i, 79, 400) AS wo_no, one_of(i, 80, ['P', 'F']) AS insp_rslt FROM numbered(300);
COMMENT ON TABLE ord_hdr IS 'Sales order headers';
COMMENT ON COLUMN ord_hdr.ord_stat_cd IS 'OP open, SH shipped, BK backordered, CX cancelled';
COMMENT ON TABLE bom_dtl IS 'Bill of materials: the components of an item';
COMMENT ON TABLE mach_dwn IS 'Stops of a machine';
COMMENT ON TABLE gl_acct IS 'Chart of accounts of the general ledger';
