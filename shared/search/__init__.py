"""What a search is: the query language, the plan it becomes, and the port every index engine implements."""
