// A module that the table does not know.
