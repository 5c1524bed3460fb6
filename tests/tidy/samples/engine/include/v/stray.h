// A public header that the table does not know.
