"""Words that are no names without quotes in at least one of the dialects."""

from __future__ import annotations

_WORDS = """
all analyse analyze and any array as asc asymmetric between binary both by case cast check collate column columns
condition constraint continue create cross cube current current_catalog current_date current_role current_row
current_schema current_time current_timestamp current_user cursor database databases day_hour deallocate declare
default deferrable delayed delete desc describe deterministic distinct distinctrow div do drop dual each else elseif
enclosed end end_frame escape escaped except exec execute exists exit explain external extract false fetch file
first_value following for force foreign freeze from full fulltext function generated get glob grant group grouping
groups hash having if ignore ilike in increment index infile initially inner inout insert intersect interval into is
isnull iterate join json_table key keys kill lag last_value lateral lead leading leave left like limit linear lines
load localtime localtimestamp lock long loop match merge minus mod modifies natural new no not notnull null nulls
number of off offset old on only open optimize option optionally or order out outer outfile over overlaps partition
percent pivot placing plan precision primary procedure proto purge qualify range rank read reads recursive references
regexp release rename repeat replace require resignal respect restrict return returning revoke right rlike rollup row
row_number rows sample schema schemas select sensitive separator session_user set show signal similar some spatial
specific sql sqlexception sqlstate sqlwarning ssl start starting stored straight_join struct system table tables
tablesample terminated then to top trailing treat trigger true try_cast unbounded undo union unique unlock unnest
unpivot unsigned update usage use user using values varying verbose view virtual when where while window with within
write xor year_month zerofill zone
"""

RESERVED = frozenset(_WORDS.split())
