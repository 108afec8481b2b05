"""课题与文稿: documents with their revisions, 政治把关, and the research directions of branches."""
