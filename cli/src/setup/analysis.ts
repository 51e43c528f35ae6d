/** Analyses of the demo: Looker table names, and fingerprints of warehouse queries. */

import type {
  LookerTableIdentifierParseItem,
  LookerTableIdentifierParseResult,
  ManagedPythonCoreDaemonOptions,
  SqlFingerprint,
} from '@kaelio/ktx';
import type { DemoCalls } from './calls.js';

/** The `sql_table_name` of a Looker view, and its physical table. */
export interface ResolvedLookerTable extends LookerTableIdentifierParseItem {
  result: LookerTableIdentifierParseResult;
}

/** A query and its fingerprint. */
export interface AnalysedQuery extends SqlFingerprint {
  id: string;
  sql: string;
}

/** Analysed queries, in the order of the input. */
export type AnalysedQueries = AnalysedQuery[];

const QUERY_DIALECT = 'sqlite';

/** Examples from LookML: plain, quoted, aliased, and some without a physical table. */
const LOOKER_TABLES: LookerTableIdentifierParseItem[] = [
  { key: 'orders', sql_table_name: 'public.orders', dialect: 'postgres' },
  { key: 'customers', sql_table_name: '`shop-prod.analytics.customers` AS customers', dialect: 'bigquery' },
  { key: 'products', sql_table_name: '"SHOP"."PUBLIC"."PRODUCTS"', dialect: 'snowflake' },
  { key: 'tenant_orders', sql_table_name: '{{ _user_attributes["schema"] }}.orders', dialect: 'postgres' },
  { key: 'sales_mart', sql_table_name: '@{mart_schema}.sales', dialect: 'snowflake' },
  { key: 'top_customers', sql_table_name: '(SELECT customer_id FROM orders LIMIT 10)', dialect: 'postgres' },
];

/** The first two differ only in literals and formatting. */
const QUERIES = {
  'orders of March': `SELECT status, count(*) FROM orders
    WHERE ordered_at >= '2025-03-01' AND store_id IN (1, 2) GROUP BY status`,
  'orders of June': `select status, COUNT(*) from orders -- the June report
    where ordered_at >= '2025-06-01' and store_id in (1, 3, 4) group by status`,
  'best customers': `WITH spent AS (
      SELECT o.customer_id, sum(i.quantity * i.unit_price) AS revenue
      FROM orders AS o JOIN order_items AS i ON i.order_id = o.order_id GROUP BY o.customer_id)
    SELECT c.full_name, s.revenue FROM spent AS s JOIN customers AS c ON c.customer_id = s.customer_id
    WHERE c.segment = 'business' ORDER BY s.revenue DESC LIMIT 5`,
};

/** Resolves the Looker tables in one request. */
export async function resolveLookerTables(
  managedDaemon: ManagedPythonCoreDaemonOptions,
  calls: DemoCalls,
): Promise<ResolvedLookerTable[]> {
  const results = await calls.createLocalLookerTableIdentifierParser({ managedDaemon }).parse(LOOKER_TABLES);
  return LOOKER_TABLES.flatMap((item) => {
    const result = results[item.key];
    return result === undefined ? [] : [{ ...item, result }];
  });
}

/** Analyses the queries. */
export async function analyseQueries(
  managedDaemon: ManagedPythonCoreDaemonOptions,
  calls: DemoCalls,
): Promise<AnalysedQueries> {
  const port = calls.createLocalSqlAnalysisPort({ managedDaemon });
  const analyse = async ([id, sql]: [string, string]) => ({
    id,
    sql,
    ...(await port.analyzeForFingerprint(sql, QUERY_DIALECT)),
  });
  return Promise.all(Object.entries(QUERIES).map(analyse));
}
