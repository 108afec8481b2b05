"""Chinese text for search: normal form, index terms, words, pinyin, highlighting. No engine is known here."""
