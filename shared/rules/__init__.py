"""Rules as data: each with its article, its dates, its weight; a record is judged by the rule of its day."""
