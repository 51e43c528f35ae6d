// The tables of the generated warehouse: 400 in eight schemas, with about 600 foreign keys.

/** Nouns of each schema; a table of each noun has four tables or views around it. */
const NOUNS = {
  core: ['customer', 'product', 'supplier', 'currency', 'country', 'region', 'category', 'brand', 'unit', 'calendar'],
  sales: ['order', 'quote', 'contract', 'promotion', 'voucher', 'basket', 'channel', 'target', 'rebate', 'refund'],
  finance: ['invoice', 'payment', 'account', 'ledger', 'budget', 'asset', 'tax_rate', 'bank', 'dunning', 'accrual'],
  logistics: ['shipment', 'parcel', 'carrier', 'depot', 'route', 'vehicle', 'pallet', 'dock', 'delivery', 'recall'],
  marketing: ['campaign', 'audience', 'lead', 'survey', 'banner', 'landing', 'mailing', 'sponsor', 'event', 'coupon'],
  support: ['ticket', 'agent', 'queue', 'macro', 'complaint', 'warranty', 'callback', 'article', 'rating', 'outage'],
  hr: [
    'employee',
    'department',
    'position',
    'payslip',
    'absence',
    'training',
    'review',
    'applicant',
    'office',
    'shift',
  ],
  web: ['visit', 'page', 'session', 'experiment', 'referrer', 'device', 'consent', 'feed', 'download', 'cart'],
};

/** Tables beyond those of its own schema that refer to the hub, which has about 120 neighbours. */
const REFERRING = 108;

/** Name of the hub, to which most tables refer. */
export const HUB = 'core.customers';

/** A table with its columns and the tables that it refers to by foreign keys. */
class Table {
  constructor(schema, noun, kind) {
    this.schema = schema;
    this.noun = noun;
    this.kind = kind;
    this.name = `${schema}.${kind === 'master' ? pluralOf(noun) : `${noun}_${kind}`}`;
    /** Columns that refer to the key of a table: `{ column, target, declared }`. */
    this.references = [];
  }

  refer(target, { column = `${target.noun}_id`, declared = true } = {}) {
    if (this.references.every((each) => each.column !== column)) this.references.push({ column, target, declared });
  }
}

function pluralOf(noun) {
  return /[^aeiou]y$/.test(noun) ? `${noun.slice(0, -1)}ies` : /(s|x|ch)$/.test(noun) ? `${noun}es` : `${noun}s`;
}

/** The tables, in an order in which they can be created. */
export function warehouseTables() {
  const masters = Object.entries(NOUNS).flatMap(([schema, nouns]) =>
    nouns.map((noun) => new Table(schema, noun, 'master')),
  );
  for (const [index, master] of masters.entries()) referToMasters(master, index, masters);
  const details = masters.flatMap((master, index) => detailsOf(master, index, masters));
  const tables = [...masters, ...details];
  const referring = tables.filter(({ schema, kind }) => schema !== 'core' && kind !== 'import' && kind !== 'overview');
  for (const table of referring.slice(0, REFERRING)) table.refer(masters[0]);
  return tables;
}

/** References of a table of nouns: within its schema and to another one, always to earlier tables. */
function referToMasters(master, index, masters) {
  if (index === 0) return;
  const first = index - (index % 10);
  if (index > first) master.refer(masters[first + ((index * 7) % (index - first))]);
  if (index >= 10) master.refer(masters[1 + ((index * 13) % Math.min(index - 1, 60))]);
  if (index % 16 === 3) master.refer(master, { column: `parent_${master.noun}_id` });
}

/** The tables around one of nouns. Every third history has an undeclared key; imports are isolated; overviews are views. */
function detailsOf(master, index, masters) {
  const kinds = ['lines', index % 10 < 3 ? 'import' : 'events', index % 10 > 7 ? 'overview' : 'notes', 'history'];
  return kinds.map((kind) => {
    const table = new Table(master.schema, master.noun, kind);
    if (kind === 'import' || kind === 'overview') return table;
    table.refer(master, { declared: kind !== 'history' || index % 3 > 0 });
    if (kind === 'lines') table.refer(masters[1], { declared: index % 2 === 0 });
    if (kind === 'events') table.refer(masters[60 + (index % 10)], { declared: true });
    if (kind === 'notes') table.refer(masters[60], { column: 'author_id', declared: index % 4 !== 0 });
    return table;
  });
}

/** Foreign keys that make cycles, which are added when all tables are there. */
export const CYCLES = [
  ['hr.departments', 'manager_id', 'hr.employees'],
  ['core.suppliers', 'preferred_product_id', 'core.products'],
  ['finance.accounts', 'last_invoice_id', 'finance.invoices'],
];
