"""The rule language of dynamic device groups: text → tokens → tree → a Python and an SQL evaluator.

Facts, restated from Microsoft's "Manage rules for dynamic membership groups" (2026-08), each tagged as
in the shared fact sheet: [D] documented, [O] observed, [I] inferred, [U] unverified.

* A rule has at most 3,072 characters [D]; parentheses around a single expression are optional [D].
* Operators may be written without their hyphen [D], and the page itself sometimes writes a dash [O].
* Precedence, strongest first: comparisons, -not, -and, -or; -any and -all take what follows [D].
* Texts and patterns are compared without regard to case [D]. Names of attributes are documented as
  case-sensitive, yet the page spells devicePhysicalIds in two ways [D]: here their case is ignored [I].
* A text stands in quotes; true, false and null do not [D]. Inside double quotes a quote is written
  with a backtick before it [D], inside single quotes twice [D]; a backslash is a plain character [I].
* null goes with -eq and -ne only [D]. A missing value fulfils no comparison but -eq null, and each
  negative operator is the exact opposite of its positive one [I].
* -all holds for an empty collection [D]. -contains compares a part of a text, not the items of a
  collection [D]. -match looks for the pattern anywhere in the text [D, examples].
* The form without inner parentheses, -any _ -eq "…", is still documented [D] and was refused by the
  portal for a while [O azure-docs#81987]; it holds one comparison [I].

folding: what "without regard to case" means · tokens, parser, tree: reading · attributes: what is held ·
patterns: -match · verdicts: why one object does or does not match · sql: the same over many objects ·
keys: physical ids a rule asks for · templates: ready rules.
"""
