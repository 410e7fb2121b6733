"""Any file of devices → a stream of `Row`s, in flat memory; knows no model.

csv_file   `Reader`: reads a file of whatever shape, row by row
  text lines records       bytes → text → physical lines → cells, each bounded
  signatures               files that are no text: workbooks, archives, pictures
  headers shapes           what the columns mean; what a file without them is
  alignment cells row      a row's cells put under their columns, cleaned, judged as text
  oa3_xml                  the hash file of the Windows ADK as a row
  notes limits             what the reader says; how much it accepts

template   the way back, rows → text: the template, Microsoft's exact import format, the rows that failed
"""
