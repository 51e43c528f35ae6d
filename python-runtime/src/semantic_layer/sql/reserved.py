"""Reserved words of at least one of the dialects."""

from __future__ import annotations

_WORDS = """
account add all alter analyse analyze and anti any array as asc asof asymmetric at authorization autoincrement between
binary both by case cast check collate collation column columns commit concurrently condition connect connection
constraint continue create cross cube current current_catalog current_date current_role current_row current_schema
current_time current_timestamp current_user cursor database databases day_hour deallocate declare default deferrable
delayed delete delete_domain_id desc describe deterministic distinct distinctrow div do do_domain_ids drop dual each
else elseif enclosed end end_frame escape escaped except exec execute exists exit explain external extract false fetch
file first_value following for force foreign freeze from full fulltext function generated get glob grant group
grouping groups gscluster hash having if ignore ignore_domain_ids ilike in increment index infile initially inner
inout insert intersect interval into is isnull issue iterate join json_table key keys kill lag last_value lateral lead
leading leave left like limit linear lines load localtime localtimestamp lock long loop master_demote_to_replica
master_demote_to_slave match merge minus mod modifies natural new no not nothing notnull null nulls number of off
offset old on only open optimize option optionally or order organization out outer outfile over overlaps page_checksum
parse_vcol_expr partition percent pivot placing plan portion precision prepare primary procedure proto purge qualify
raise range rank read reads recursive ref_system_id references regexp release rename repeat replace require resignal
respect restrict return returning revoke right rlike rollback rollup row row_number rows sample schema schemas select
semi sensitive separator session_user set show signal similar some spatial specific sql sqlexception sqlstate
sqlwarning ssl start starting stats_auto_recalc stats_persistent stats_sample_pages stored straight_join struct
symmetric system table tables tablesample terminated then to top trailing transaction treat trigger true try_cast
unbounded undo union unique unlock unnest unpivot unsigned update usage use user using values variadic varying verbose
view virtual when whenever where while window with within write xor year_month zerofill zone
"""

RESERVED = frozenset(_WORDS.split())
